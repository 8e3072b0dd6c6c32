/** What this process uses: processor time and memory. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Returns the processor time that this process has used since its start, in microseconds. */
export function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Returns the processor time of one call of `run`, in microseconds: the mean of `repeats`. */
export function cpuMicrosOf(run: () => unknown, repeats: number = 1): number {
  const before = cpuMicros()
  for (let repeat = 0; repeat < repeats; repeat++) run()
  return (cpuMicros() - before) / repeats
}

let collect: (() => void) | undefined

/** Collects all garbage, also in a process that was started without `--expose-gc`. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}

/** Collects all garbage, and returns the bytes of the objects and buffers that remain. */
export function liveBytes(): number {
  collectGarbage()
  // The buffers of the first collection are freed beside it, and before the second begins.
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
