/** The clock and the processors of this machine, as all of its processes see them. */

import { readFileSync } from 'node:fs'

/** Milliseconds of a clock that never jumps, and that all processes of this machine share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** How long the main thread of this process has waited for a processor, as Linux counts it; 0 where nobody does. */
export function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
