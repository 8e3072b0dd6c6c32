/** The clock of this machine, and the time that a process waits for a processor. */

import { readFileSync } from 'node:fs'

/** Returns milliseconds of a monotonic clock that all processes of this machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Returns how long the main thread of this process has waited for a processor, by Linux; 0 on other systems. */
export function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
