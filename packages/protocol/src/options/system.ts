/** The system's clock, rng and warnings. No other file of the core uses the platform. */

import { createWideRng, type Rng } from '../model/random.ts'
import type { Clock } from '../ports/clock.ts'

/** The longest delay of a system timer; a longer one would fire at once. Longer waits use several timers in turn. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The system's monotonic clock and timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAt: (atMs, wake) => {
    let timer: ReturnType<typeof setTimeout>
    const sleep = (): void => {
      const leftMs = Math.max(0, Math.ceil(atMs - performance.now()))
      timer = leftMs > MAX_TIMER_MS ? setTimeout(sleep, MAX_TIMER_MS) : setTimeout(wake, leftMs)
    }
    sleep()
    return () => clearTimeout(timer)
  }
}

/** Returns milliseconds since 1970, by the system's clock, which may jump. */
export const systemWallClock: () => number = () => Date.now()

const warned = new Set<string>()

/** Emits a process warning, once for each text. Does nothing where there are no process warnings, as in a browser. */
export function warnOnce(text: string): void {
  if (warned.has(text)) return
  warned.add(text)
  const { process } = globalThis as { process?: { emitWarning?(text: string): void } }
  process?.emitWarning?.(text)
}

/** Returns an rng that other nodes cannot predict: it has a random seed of 128 bits, as do its forks. */
export function systemRng(): Rng {
  return createWideRng(crypto.getRandomValues(new Uint32Array(4)))
}
