/** The resource usage of processes, as Linux reports it. */

import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  /** Bytes through the loopback interface, of all processes of the machine. */
  readonly wireBytes: number
  /** Processor time of all live threads. */
  readonly cpuMicros: number
  /** Resident memory of all processes together. */
  readonly memoryMib: number
  /** The sum of the peak resident memory of each process. */
  readonly peakMemoryMib: number
}

/** The error of the processor time: a running thread may lack at most this much since the last tick, on each core. */
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

/** Reads the nanoseconds on a processor from `schedstat`, which is finer than the ticks of `/proc/PID/stat`. */
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
