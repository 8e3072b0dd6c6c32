/** The rng of the simulator: the same interface as that of the core, but faster, because it is called a billion times. */

import type { Rng } from '@rumormill/protocol/plugin'

/**
 * Returns an rng seeded by the low 32 bits of the given numbers: sfc32 of Doty-Humphrey's PractRand. Streams of
 * different numbers are independent. `below` favors some values by `bound / 2^32` at most, which no experiment sees.
 */
export function rngFor(...seeds: readonly number[]): Rng {
  let a = (seeds[0] ?? 0) | 0
  let b = (seeds[1] ?? 0) | 0
  let c = (seeds[2] ?? 0) | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 15; warmUp++) next()
  return {
    below: (bound) => Math.floor(next() * 2 ** -32 * bound),
    fraction: () => next() * 2 ** -32,
    fork: () => rngFor(next(), next(), next())
  }
}
