/** A group of engines under virtual time: every message takes 10 ms, may be lost, and nothing else happens. */

import type { AntiEntropyConfig } from '../../src/anti-entropy/config.ts'
import type { BroadcastConfig } from '../../src/broadcast/config.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { FetchConfig } from '../../src/fetch/config.ts'
import type { MembershipConfig } from '../../src/membership/config.ts'
import type { Effect } from '../../src/model/effect.ts'
import type { Message } from '../../src/model/message.ts'
import type { Address } from '../../src/model/peer.ts'
import { createRng, type Rng } from '../../src/model/random.ts'
import { blake3Hash } from '../../src/model/update.ts'
import { PRESETS } from '../../src/options/presets.ts'
import type { StoreConfig } from '../../src/store/config.ts'

const LATENCY_MS = 10

export interface VirtualGroupOptions {
  readonly size: number
  readonly seed: number
  readonly membership?: Partial<MembershipConfig>
  readonly store?: Partial<StoreConfig>
  readonly fetch?: Partial<FetchConfig>
  readonly antiEntropy?: Partial<AntiEntropyConfig>
  /** Default: off. */
  readonly broadcast?: Partial<BroadcastConfig>
  /** How many more updates each handler can take. Default: any number. */
  readonly freeSlots?: number
  /** The share of messages that are lost. */
  readonly loss?: number
  /** Returns the answer of an address that is none of the nodes. Default: it is unreachable. */
  readonly stranger?: (to: Address, message: Message) => Message | undefined
  /** Told of every message that the network takes. */
  readonly watch?: (from: number, to: Address, message: Message) => void
}

interface VirtualNode {
  readonly engine: Engine
  readonly delivered: string[]
  alive: boolean
}

export class VirtualGroup {
  nowMs = 0
  readonly nodes: VirtualNode[]
  readonly #rng: Rng
  readonly #loss: number
  readonly #stranger: VirtualGroupOptions['stranger']
  readonly #watch: VirtualGroupOptions['watch']
  readonly #arrivals: { atMs: number; arrive: () => void }[] = []

  /** All but the first node know the first. */
  constructor({
    size,
    seed,
    membership,
    store,
    fetch,
    antiEntropy,
    broadcast,
    freeSlots = Infinity,
    loss = 0,
    stranger,
    watch
  }: VirtualGroupOptions) {
    this.#rng = createRng(seed)
    this.#loss = loss
    this.#stranger = stranger
    this.#watch = watch
    this.nodes = Array.from({ length: size }, (_, n) => ({
      alive: true,
      delivered: [],
      engine: new Engine({
        self: String(n),
        membership: { ...PRESETS.lan.membership, ...membership },
        store: { ...PRESETS.lan.store, ...store },
        fetch: { ...PRESETS.lan.fetch, ...fetch },
        antiEntropy: { ...PRESETS.lan.antiEntropy, ...antiEntropy },
        ...(broadcast === undefined
          ? {}
          : { broadcast: { ...PRESETS.lan.broadcast, ...broadcast } }),
        freeSlots: () => freeSlots,
        hash: blake3Hash,
        rng: this.#rng.fork(),
        nowMs: 0
      })
    }))
    for (let n = 1; n < size; n++) this.perform(n, this.nodes[n]!.engine.join(0, ['0']))
  }

  submit(n: number, text: string): void {
    this.nodes[n]!.engine.submit(this.nowMs, new TextEncoder().encode(text))
  }

  perform(n: number, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'deliver')
        this.nodes[n]!.delivered.push(new TextDecoder().decode(effect.update.content))
      if (effect.kind !== 'send') continue
      const target = this.nodes[Number(effect.to)]
      if (target === undefined && this.#stranger !== undefined) {
        this.#watch?.(n, effect.to, effect.message)
        this.#meet(n, effect.to, effect.message)
        continue
      }
      if (target === undefined || !target.alive) {
        this.#later(() =>
          this.perform(n, this.nodes[n]!.engine.sendFailed(this.nowMs, effect, true))
        )
        continue
      }
      this.#watch?.(n, effect.to, effect.message)
      this.nodes[n]!.engine.sent(this.nowMs, effect)
      if (this.#rng.fraction() < this.#loss) continue
      this.#later(() => {
        if (target.alive)
          this.perform(
            Number(effect.to),
            target.engine.receive(this.nowMs, String(n), effect.message)
          )
      })
    }
  }

  /** Lets `ms` milliseconds pass, or fewer when `done` says so. */
  run(ms: number, done: () => boolean = () => false): void {
    const endMs = this.nowMs + ms
    while (!done()) {
      const arrivalMs = this.#arrivals[0]?.atMs ?? Infinity
      let first = -1
      for (const [n, { alive, engine }] of this.nodes.entries()) {
        if (alive && (first < 0 || engine.deadlineMs < this.nodes[first]!.engine.deadlineMs))
          first = n
      }
      const deadlineMs = first < 0 ? Infinity : this.nodes[first]!.engine.deadlineMs
      if (Math.min(arrivalMs, deadlineMs) > endMs) break
      this.nowMs = Math.min(arrivalMs, deadlineMs)
      if (arrivalMs <= deadlineMs) this.#arrivals.shift()!.arrive()
      else this.perform(first, this.nodes[first]!.engine.tick(this.nowMs))
    }
    if (!done()) this.nowMs = endMs
  }

  #meet(n: number, to: Address, message: Message): void {
    const answer = this.#stranger!(to, message)
    if (answer !== undefined)
      this.#later(() => this.perform(n, this.nodes[n]!.engine.receive(this.nowMs, to, answer)))
  }

  #later(arrive: () => void): void {
    this.#arrivals.push({ atMs: this.nowMs + LATENCY_MS, arrive })
  }
}
