import { createRng, type Rng } from '@rumormill/protocol/plugin'

/** Returns the default rng of a transport, seeded by `Math.random`: for jitter and fair choices, not for secrets. */
export function defaultRng(): Rng {
  return createRng(Math.floor(Math.random() * 2 ** 32))
}
