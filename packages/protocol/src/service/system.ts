/** The only file of the core that touches the world: the system's clock and rng, and its warnings. */

import type { Clock } from '../ports/clock.ts'
import { createWideRng, type Rng } from '../random.ts'

/** The longest time that a timer of the system takes: beyond it, it would fire at once. Longer waits are stretches of it. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Monotonic time and timers of the machine. */
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

/** Milliseconds since 1970, as far as the machine knows. It may jump. */
export const systemWallClock: () => number = () => Date.now()

const warned = new Set<string>()

/** A warning of the process, once for each text. In a browser, and wherever processes have none, nothing. */
export function warnOnce(text: string): void {
  if (warned.has(text)) return
  warned.add(text)
  const { process } = globalThis as { process?: { emitWarning?(text: string): void } }
  process?.emitWarning?.(text)
}

/** An rng that nobody can predict from the outside: seeded with 128 bits, as are its forks. */
export function systemRng(): Rng {
  return createWideRng(crypto.getRandomValues(new Uint32Array(4)))
}
