/**
 * Spreads fresh updates between rounds (Plumtree: Leitao, Pereira and Rodrigues, Epidemic Broadcast Trees, SRDS 2007).
 *
 * Eager push: small updates go down the tree of their submitter with one message and without waiting. This works
 * while queues are short. In a burst, pushed contents queue on the tree's links, other links deliver first, and trees are
 * rebuilt again and again. Then, and for large updates, digests are sent instead (`ihave`): each content is fetched once, from the first
 * peer that offered it, at the pace of the receiver. Lazy push: `ihave` follows a push, for neighbors that a broken branch left out.
 */

import { FIELDS, type Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'
import { countDigests, digestKey, packKeys } from '../model/update.ts'
import type { Deliver, DigestBlock, DigestKey, KeyedUpdate } from '../model/update.ts'
import { ActiveView } from './active-view.ts'
import type { EagerUpdate, FreshUpdate } from './bundles.ts'
import type { BroadcastConfig } from './config.ts'
import { EagerPush } from './eager-push.ts'
import { FreshUpdates } from './fresh-updates.ts'
import { LazyPush, type DueDigests } from './lazy-push.ts'
import { addPeer, SeenBy, type UpdateTrace } from './seen-by.ts'

/** One turn pushes at most this many times `eagerBytes`; if more was submitted, digests are sent instead of all contents. */
const BURST = 4

/** Limits of one message, and the time between rounds, which find what was missed. */
export interface BroadcastSetting {
  readonly maxDigestsPerMessage: number
  readonly maxBatchBytes: number
  readonly periodMs: number
}

export class Broadcaster {
  /** What peers push, fetch and prune goes to it. */
  readonly eager: EagerPush
  readonly #config: BroadcastConfig
  readonly #setting: BroadcastSetting
  readonly #seenBy = new SeenBy()
  readonly #fresh: FreshUpdates
  readonly #lazy: LazyPush
  /** Undefined where broadcast is off. */
  readonly #view: ActiveView | undefined

  constructor(
    self: Address,
    config: BroadcastConfig,
    setting: BroadcastSetting,
    rng: Rng,
    nowMs: number
  ) {
    const { mode, degree, neighborMs, eagerBytes, lazyMs } = config
    this.#config = config
    this.#setting = setting
    this.#fresh = new FreshUpdates(mode === 'eager' ? BURST * eagerBytes : 0)
    this.eager = new EagerPush({
      seenBy: this.#seenBy,
      neighbors: (now) => this.neighbors(now),
      ownTree: rng.below(FIELDS.tree.most + 1),
      degree,
      maxBatchBytes: setting.maxBatchBytes
    })
    this.#lazy = new LazyPush(self, lazyMs, setting.periodMs)
    if (mode !== 'off') this.#view = new ActiveView(degree, neighborMs, rng, nowMs)
  }

  /** When `tick` has something to do; at once while there are fresh updates and neighbors. */
  get dueMs(): number {
    return Math.min(this.#freshAtMs, this.#lazy.dueMs, this.#view?.dueMs ?? Infinity)
  }

  neighbors(nowMs: number): readonly Address[] {
    return this.#view?.all(nowMs) ?? []
  }

  /** `from` says that it has chosen this node as a neighbor. */
  neighbor(nowMs: number, from: Address): void {
    this.#view?.addInbound(nowMs, from)
  }

  /** `from` says that it has these updates. */
  ihave(from: Address, digests: DigestBlock): void {
    if (this.#view === undefined) return
    for (let index = 0; index < countDigests(digests); index++)
      addPeer(this.#seenBy.of(digestKey(digests, index)), from)
  }

  /** Takes an own update. */
  submitted(nowMs: number, update: KeyedUpdate): void {
    if (this.#config.mode === 'eager')
      this.#seenBy.of(update.key).tree = this.eager.treeOfOurs(nowMs, update.content.length)
    this.accepted(nowMs, { update, submittedAtMs: nowMs })
  }

  /** Takes an update that is new here; `from` brought it, if that is known. */
  accepted(
    nowMs: number,
    { update, submittedAtMs }: Pick<Deliver, 'update' | 'submittedAtMs'>,
    from?: Address
  ): void {
    if (this.#view === undefined) return
    const trace = this.#seenBy.of(update.key)
    if (from !== undefined) {
      trace.from = from
      addPeer(trace, from)
    }
    const bytes = update.content.length
    this.#fresh.add({ trace, update, bytes, submittedAtMs, atMs: nowMs }, this.#view.isEmpty)
  }

  /** Chooses neighbors while there are too few. `peers` is the number of peers that `chooseTargets` can choose from. */
  refill(...choice: Parameters<ActiveView['refill']>): Send[] {
    return this.#view?.refill(...choice) ?? []
  }

  /** Sends what is due: `neighbor` messages and a {@link refill}, fresh updates, lazy pushes. */
  tick(nowMs: number, peers: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    if (this.#view === undefined) return []
    return [
      ...this.#view.tick(nowMs),
      ...this.refill(nowMs, peers, chooseTargets),
      ...(nowMs >= this.#freshAtMs ? this.#spread(nowMs) : []),
      ...this.#lazy.take(nowMs).flatMap((due) => this.#sendDigests(nowMs, due))
    ]
  }

  /** Removes a peer that cannot be reached or may not be sent to. */
  forget(peer: Address): void {
    this.#view?.forget(peer)
    this.eager.forget(peer)
  }

  /** Without neighbors, fresh updates wait for some. */
  get #freshAtMs(): number {
    return this.#view?.isEmpty === false ? this.#fresh.sinceMs : Infinity
  }

  #spread(nowMs: number): Send[] {
    const eager: EagerUpdate[] = []
    const traces: UpdateTrace[] = []
    for (const fresh of this.#fresh.take(nowMs)) {
      if (this.#isEager(fresh)) eager.push(fresh)
      else traces.push(fresh.trace)
    }
    const pushes = this.eager.push(nowMs, eager)
    for (const { trace } of eager) this.#lazy.add(nowMs, trace)
    return [...pushes, ...this.#sendDigests(nowMs, { traces, concerns: () => true })]
  }

  #isEager(fresh: FreshUpdate): fresh is EagerUpdate {
    const { trace, update, bytes } = fresh
    return trace.tree !== undefined && update !== undefined && bytes <= this.#config.eagerBytes
  }

  /** Sends `ihave` with the digests of `traces` to neighbors that are not known to have the updates. */
  #sendDigests(nowMs: number, { traces, concerns }: DueDigests): Send[] {
    if (traces.length === 0) return []
    const most = this.#setting.maxDigestsPerMessage
    return this.neighbors(nowMs)
      .filter(concerns)
      .flatMap((to) => {
        const unseen: DigestKey[] = []
        for (const { peers, key } of traces) {
          if (peers.has(to)) continue
          peers.add(to)
          unseen.push(key)
        }
        const sends: Send[] = []
        for (let at = 0; at < unseen.length; at += most)
          sends.push(ihaveMessage(to, unseen.slice(at, at + most)))
        return sends
      })
  }
}

function ihaveMessage(to: Address, keys: readonly DigestKey[]): Send {
  return { kind: 'send', to, message: { kind: 'ihave', digests: packKeys(keys) } }
}
