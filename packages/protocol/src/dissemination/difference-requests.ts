/**
 * Asks peers for what exchanges of sketches have shown to be there and not here: as much as fits one message and as may be
 * fetched at once, and the rest as there is room for it; and again what has not come, so that it need not be found out a
 * second time.
 */

import { SKETCH_OVERHEAD_DIGESTS, type DifferenceRequest } from '../message.ts'
import type { Address } from '../peer.ts'
import { shuffle, type Rng } from '../random.ts'
import type { ShortIdKey } from '../reconciliation/short-id.ts'
import { packKeys, type DigestKey } from '../update.ts'
import type { ActiveSketch } from './active-sketch.ts'
import type { DisseminationConfig } from './config.ts'

/** How many peers what is left is kept for; the oldest is forgotten first. An exchange shows at most `MAX_SYMBOLS`. */
const MAX_PEERS = 64

/** It is asked for in pieces of at least this share of what may be fetched of one peer, and not one by one. */
const LEAST_SHARE = 1 / 4

/** How often all of it is gone through. Beyond, another exchange tells what is still worth asking for. */
const MAX_PASSES = 2

/** What a peer has and this node lacks. */
interface Left {
  /** Not yet asked for in this pass. */
  fresh: ShortIdKey[]
  asked: ShortIdKey[]
  passes: number
}

export class DifferenceRequests {
  readonly #config: DisseminationConfig
  readonly #sketch: ActiveSketch
  readonly #rng: Rng
  /** How many digests, and how many short ids, one message names. */
  readonly #half: number
  readonly #left = new Map<Address, Left>()

  constructor(config: DisseminationConfig, sketch: ActiveSketch, rng: Rng) {
    this.#config = config
    this.#sketch = sketch
    this.#rng = rng
    this.#half = Math.max(1, (config.maxDigestsPerMessage - SKETCH_OVERHEAD_DIGESTS) >> 1)
  }

  /** How many peers have something left to be asked for. */
  get size(): number {
    return this.#left.size
  }

  /** Names to `from` what it lacks, and asks for what is `lacking` here, `room` of it at most. */
  begin(
    from: Address,
    lacked: DigestKey[],
    lacking: ShortIdKey[],
    room: number
  ): DifferenceRequest | undefined {
    shuffle(lacked, this.#rng)
    shuffle(lacking, this.#rng)
    const wanted = lacking.splice(0, Math.min(room, this.#half))
    const named = lacked.slice(0, Math.min(this.#config.maxRequestsPerPeer, this.#half))
    this.#left.delete(from)
    if (lacking.length + wanted.length > 0)
      this.#left.set(from, { fresh: lacking, asked: [...wanted], passes: 1 })
    if (this.#left.size > MAX_PEERS) this.#left.delete(this.#left.keys().next().value!)
    return named.length + wanted.length === 0 ? undefined : this.#request(named, wanted)
  }

  /** Asks `from` for more of what is still not here; `again` for what it was asked for already. */
  next(from: Address, room: number, again: boolean): DifferenceRequest | undefined {
    const left = this.#left.get(from)
    if (left === undefined) return undefined
    if (left.fresh.length === 0) {
      if (!again) return undefined
      left.fresh = left.asked
      left.asked = []
      left.passes++
    }
    const perPeer = Math.min(this.#config.maxRequestsPerPeer, this.#half)
    if (room < Math.min(left.fresh.length, LEAST_SHARE * perPeer)) return undefined
    const wanted: ShortIdKey[] = []
    while (left.fresh.length > 0 && wanted.length < Math.min(room, this.#half)) {
      const key = left.fresh.pop()!
      if (this.#sketch.find(key) === undefined) wanted.push(key)
    }
    left.asked.push(...wanted)
    if (left.fresh.length === 0 && (left.passes >= MAX_PASSES || left.asked.length === 0))
      this.#left.delete(from)
    return wanted.length === 0 ? undefined : this.#request([], wanted)
  }

  /** Whether something is left that `peer` was not asked for. */
  hasFresh(peer: Address): boolean {
    return (this.#left.get(peer)?.fresh.length ?? 0) > 0
  }

  forget(peer: Address): void {
    this.#left.delete(peer)
  }

  #request(named: readonly DigestKey[], wanted: readonly ShortIdKey[]): DifferenceRequest {
    const { ids } = this.#sketch
    const block = new Uint8Array(wanted.length * ids.bytes)
    wanted.forEach((key, index) => {
      ids.ofKey(key)
      ids.write(block, index * ids.bytes)
    })
    return { kind: 'difference-request', digests: packKeys(named), ids: block }
  }
}
