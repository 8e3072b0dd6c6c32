/** What processes have used, as Linux accounts for it. */

import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  /** Through the loopback interface, by everybody. */
  readonly wireBytes: number
  /** Of all threads that live. */
  readonly cpuMicros: number
  /** Resident now, of all processes together. */
  readonly memoryMib: number
  /** The sum of what each had resident at its most. */
  readonly peakMemoryMib: number
}

/** A thread that runs while it is looked at may lack its time since the last tick: at most this much, on each core. */
export const TICK_MICROS = 10_000

export function usage(pids: readonly number[]): Usage {
  const sum = (of: (pid: number) => number): number =>
    pids.reduce((total, pid) => total + of(pid), 0)
  const loopback = /lo:\s*(\d+)/.exec(readFileSync('/proc/net/dev', 'utf8'))
  return {
    wireBytes: Number(loopback![1]),
    cpuMicros: sum(cpuMicros),
    memoryMib: sum((pid) => mebibytes(pid, 'VmRSS')),
    peakMemoryMib: sum((pid) => mebibytes(pid, 'VmHWM'))
  }
}

/** Nanoseconds on a processor come first in `schedstat`; finer than the ticks of `/proc/PID/stat`. */
function cpuMicros(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return (
    threads.reduce(
      (total, thread) =>
        total + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
      0
    ) / 1000
  )
}

function mebibytes(pid: number, field: string): number {
  return (
    Number(
      new RegExp(`${field}:\\s*(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]
    ) / 1024
  )
}
