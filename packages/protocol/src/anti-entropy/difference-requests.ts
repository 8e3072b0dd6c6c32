/**
 * Requests the digests of updates that exchanges of sketches found at peers and not here: as many as fit one message and may
 * be fetched at once, and the rest as slots become free. Updates that did not arrive are requested again without another
 * exchange.
 */

import { setBounded } from '../model/bounded-map.ts'
import { MESSAGE_COST, type MessageOf } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { shuffle, type Rng } from '../model/random.ts'
import { packKeys, type DigestKey } from '../model/update.ts'
import type { ActiveSketch } from './active-sketch.ts'
import type { ComparisonConfig } from './config.ts'
import type { ShortIdKey } from './iblt/short-id.ts'

/** The most peers for which missing updates are kept; the oldest is forgotten first. Each has at most as many as a sketch has symbols. */
const MAX_PEERS = 64

/** The smallest batch, as a share of what may be fetched from one peer at once. */
const LEAST_SHARE = 1 / 4

/** How often each missing update is requested. After that, another exchange finds which are still missing. */
const MAX_PASSES = 2

/** Updates that a peer has and this node lacks. */
interface Missing {
  /** Not yet requested in this pass. */
  fresh: ShortIdKey[]
  requested: ShortIdKey[]
  passes: number
}

export class DifferenceRequests {
  readonly #config: ComparisonConfig
  readonly #sketch: ActiveSketch
  readonly #rng: Rng
  /** The most digests, and the most short ids, in one message. */
  readonly #half: number
  readonly #missing = new Map<Address, Missing>()

  constructor(config: ComparisonConfig, sketch: ActiveSketch, rng: Rng) {
    this.#config = config
    this.#sketch = sketch
    this.#rng = rng
    this.#half = Math.max(1, (config.maxDigestsPerMessage - MESSAGE_COST.sketchDigests) >> 1)
  }

  /** For how many peers missing updates are kept. */
  get size(): number {
    return this.#missing.size
  }

  /** Names to `from` what `theyLack`, and requests at most `freeSlots` of what `weLack`. */
  begin(
    from: Address,
    theyLack: DigestKey[],
    weLack: ShortIdKey[],
    freeSlots: number
  ): MessageOf<'difference-request'> | undefined {
    shuffle(theyLack, this.#rng)
    shuffle(weLack, this.#rng)
    const ids = weLack.splice(0, Math.min(freeSlots, this.#half))
    const named = theyLack.slice(0, Math.min(this.#config.maxRequestsPerPeer, this.#half))
    const missing = { fresh: weLack, requested: [...ids], passes: 1 }
    if (weLack.length + ids.length === 0) this.#missing.delete(from)
    else setBounded(this.#missing, from, missing, MAX_PEERS)
    return named.length + ids.length === 0 ? undefined : this.#request(named, ids)
  }

  /** Requests more missing updates from `from`; with `again`, also those requested before, once the others are through. */
  next(
    from: Address,
    freeSlots: number,
    again: boolean
  ): MessageOf<'difference-request'> | undefined {
    const missing = this.#missing.get(from)
    if (missing === undefined) return undefined
    if (missing.fresh.length === 0) {
      if (!again) return undefined
      missing.fresh = missing.requested
      missing.requested = []
      missing.passes++
    }
    const perPeer = Math.min(this.#config.maxRequestsPerPeer, this.#half)
    if (freeSlots < Math.min(missing.fresh.length, LEAST_SHARE * perPeer)) return undefined
    const ids: ShortIdKey[] = []
    while (missing.fresh.length > 0 && ids.length < Math.min(freeSlots, this.#half)) {
      const key = missing.fresh.pop()!
      if (this.#sketch.find(key) === undefined) ids.push(key)
    }
    missing.requested.push(...ids)
    if (
      missing.fresh.length === 0 &&
      (missing.passes >= MAX_PASSES || missing.requested.length === 0)
    )
      this.#missing.delete(from)
    return ids.length === 0 ? undefined : this.#request([], ids)
  }

  /** Returns whether missing updates were not yet requested from `peer` in this pass. */
  hasFresh(peer: Address): boolean {
    return (this.#missing.get(peer)?.fresh.length ?? 0) > 0
  }

  forget(peer: Address): void {
    this.#missing.delete(peer)
  }

  #request(
    named: readonly DigestKey[],
    keys: readonly ShortIdKey[]
  ): MessageOf<'difference-request'> {
    const { ids } = this.#sketch
    const block = new Uint8Array(keys.length * ids.bytes)
    keys.forEach((key, index) => ids.write(ids.ofKey(key), block, index * ids.bytes))
    return { kind: 'difference-request', digests: packKeys(named), ids: block }
  }
}
