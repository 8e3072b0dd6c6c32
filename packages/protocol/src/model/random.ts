/** Random numbers. The core gets its source by constructors, so that a seed determines a whole run. */

/** A source of random numbers. Not for secrets. */
export interface Rng {
  /** Returns an integer from 0 to `bound - 1`, each equally likely; `bound` is an integer from 1 to 2^32. */
  below(bound: number): number
  /** Returns a number from 0 up to, not including, 1. */
  fraction(): number
  /** Returns a new, independent source. Each call returns another one; the same sequence of calls returns the same ones. */
  fork(): Rng
}

/** Returns an rng for the low 32 bits of the integer `seed`: sfc32 (Doty-Humphrey's PractRand), 2^32 streams. */
export function createRng(seed: number): Rng {
  return sfc32(Uint32Array.of(0, 0, seed, 1), (next) => createRng(next()))
}

/** Returns an rng for 128 bits: the four `words`. Its forks have 128 bits, too. */
export function createWideRng(words: Uint32Array): Rng {
  return sfc32(words, (next) => createWideRng(Uint32Array.of(next(), next(), next(), next())))
}

function sfc32(words: Uint32Array, fork: (next: () => number) => Rng): Rng {
  let a = words[0]! | 0
  let b = words[1]! | 0
  let c = words[2]! | 0
  let counter = words[3]! | 0
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 15; warmUp++) next()
  return {
    below: (bound) => {
      // Values above the largest multiple of `bound` are drawn again, so that all results are equally likely.
      const limit = 2 ** 32 - (2 ** 32 % bound)
      let value = next()
      while (value >= limit) value = next()
      return value % bound
    },
    fraction: () => next() / 2 ** 32,
    fork: () => fork(next)
  }
}

/** Brings `items` into a random order, in place (Fisher-Yates). */
export function shuffle<T>(items: T[], rng: Rng): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = rng.below(last + 1)
    const item = items[last]!
    items[last] = items[other]!
    items[other] = item
  }
}

/** Returns one of `items`, each equally likely; `undefined` if there are none. */
export function pick<T>(items: readonly T[], rng: Rng): T | undefined {
  return items.length === 0 ? undefined : items[rng.below(items.length)]
}

/** Returns `periodMs`, stretched or shortened by up to the share `jitter`, uniformly. */
export function jittered(periodMs: number, jitter: number, rng: Rng): number {
  return periodMs * (1 + jitter * (2 * rng.fraction() - 1))
}
