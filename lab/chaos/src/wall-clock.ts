/** Shifts the wall clock of this process, and provides a clock for nodes that uses it. */

import type { Clock } from '@rumormill/protocol'

const SystemDate = Date
let shiftedMs = 0

/** Shifts dates by `ms` more. Timers are not affected: those of the system never follow the wall clock. */
export function shiftWallClock(ms: number): void {
  shiftedMs += ms
  const now = (): number => SystemDate.now() + shiftedMs
  globalThis.Date = new Proxy(SystemDate, {
    construct: (target, words) =>
      words.length === 0 ? new target(now()) : (Reflect.construct(target, words) as Date),
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown))
  })
}

/** A clock that follows the wall clock, as the clock of a node must not. */
export const wallClock: Clock = {
  now: () => Date.now(),
  wakeAt(atMs, wake) {
    const timer = setTimeout(wake, Math.max(0, Math.min(2 ** 31 - 1, atMs - Date.now())))
    return () => clearTimeout(timer)
  }
}
