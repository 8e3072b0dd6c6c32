import { createRng, type Rng } from '@rumormill/protocol'

/** Returns the rng of a transport that was given none: enough for jitter and fair choices, not for secrets. */
export function defaultRng(): Rng {
  return createRng(Math.floor(Math.random() * 2 ** 32))
}
