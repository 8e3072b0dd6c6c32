/** The only file of the core that touches the world: the system's clock and its dice. */
import type { Clock } from '../ports/clock.ts'
import { createRng, type Rng } from '../random.ts'

/** Monotonic time and timers of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAt: (atMs, wake) => {
    const timer = setTimeout(wake, Math.max(0, Math.ceil(atMs - performance.now())))
    return () => clearTimeout(timer)
  }
}

/** Milliseconds since 1970, as far as the machine knows. It may jump. */
export const systemWallClock: () => number = () => Date.now()

/** Dice that nobody can foresee. */
export function systemRng(): Rng {
  return createRng(crypto.getRandomValues(new Uint32Array(1))[0]!)
}
