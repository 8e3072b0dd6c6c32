/**
 * Spreads fresh updates between rounds (Plumtree: Leitao, Pereira and Rodrigues, Epidemic Broadcast Trees, SRDS 2007).
 *
 * Eager push: small updates go down the tree of their submitter with one message and without waiting. This works
 * while queues are short. In a burst, pushed contents queue on the tree's links, other links deliver first, and trees are
 * rebuilt again and again. Then, and for large updates, digests are sent instead (`ihave`): each content is fetched once, from the first peer that
 * offered it, at the pace of the receiver. Lazy push: `ihave` follows a push, for neighbors that a broken branch left out.
 */

import type { Message, Send } from '../model/message.ts'
import { MAX_TREE } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'
import {
  countDigests,
  digestKey,
  packKeys,
  type Deliver,
  type DigestBlock,
  type DigestKey,
  type KeyedUpdate
} from '../model/update.ts'
import { ActiveView } from './active-view.ts'
import { Bundles, type EagerUpdate, type FreshUpdate } from './bundles.ts'
import type { BroadcastConfig } from './config.ts'
import { FreshUpdates } from './fresh-updates.ts'
import { addPeer, SeenBy, type UpdateTrace } from './seen-by.ts'
import { TREE_MS, Trees } from './trees.ts'

/** How often neighbors are looked for, while there are too few and the number of known peers does not change. */
const REFILL_MS = 500

/** One turn pushes at most this many times `eagerBytes`; if more was submitted, digests are sent instead of all contents. */
const BURST = 4

/** Contents of at most this size cost no more than their digests would. */
const SMALL_BYTES = 64

/** The most updates that wait for a lazy push. Rounds repair what is missed because of this limit. */
const MAX_LAZY = 4096

/** Limits of one message, and the time between rounds, which find what was missed. */
export interface BroadcastSetting {
  readonly maxDigestsPerMessage: number
  readonly maxBatchBytes: number
  readonly periodMs: number
}

/** What one eager push brought. */
interface Arrived {
  readonly taken: readonly DigestKey[]
  readonly duplicates: readonly DigestKey[]
  readonly refused: readonly DigestKey[]
}

/** One of two stages in which digests of pushed updates are sent to neighbors that may have missed them. */
interface LazyStage {
  readonly afterMs: number
  /**
   * In the first stage a node sends only to neighbors with a higher address. Of two that have an update, the one with the
   * lower address thus sends first, and the other need not send in the second stage.
   */
  readonly isFirst: boolean
  /** In order of time. */
  readonly waiting: { readonly trace: UpdateTrace; readonly dueMs: number }[]
}

export class Broadcaster {
  readonly #self: Address
  readonly #config: BroadcastConfig
  readonly #setting: BroadcastSetting
  readonly #view: ActiveView
  readonly #seenBy = new SeenBy()
  readonly #trees: Trees
  readonly #ownTree: number
  #submittedAtMs = -Infinity
  readonly #fresh: FreshUpdates
  readonly #lazyStages: readonly LazyStage[]
  #neighborAtMs: number
  /** When neighbors are looked for again, unless the number of known peers changes first. */
  #refillAtMs = -Infinity
  #refilledAmong = 0

  constructor(
    self: Address,
    config: BroadcastConfig,
    setting: BroadcastSetting,
    rng: Rng,
    nowMs: number
  ) {
    const { mode, degree, neighborMs, eagerBytes, lazyMs } = config
    this.#self = self
    this.#config = config
    this.#setting = setting
    this.#lazyStages = (lazyMs < setting.periodMs ? [true, false] : []).map((isFirst) => ({
      isFirst,
      afterMs: (isFirst ? 1 : 2) * lazyMs,
      waiting: []
    }))
    this.#view = new ActiveView(degree, neighborMs, rng)
    this.#trees = new Trees(4 * degree)
    this.#fresh = new FreshUpdates(mode === 'eager' ? BURST * eagerBytes : 0)
    this.#ownTree = rng.below(MAX_TREE + 1)
    this.#neighborAtMs = mode === 'off' ? Infinity : nowMs + rng.fraction() * neighborMs
  }

  /** When `tick` has something to do; at once while there are fresh updates and neighbors. */
  get dueMs(): number {
    return Math.min(this.#freshAtMs, this.#lazyAtMs, this.#neighborAtMs)
  }

  neighbors(nowMs: number): readonly Address[] {
    return this.#view.all(nowMs)
  }

  /** `from` says that it has chosen this node as a neighbor. */
  neighbor(nowMs: number, from: Address): void {
    if (this.#config.mode !== 'off') this.#view.addInbound(nowMs, from)
  }

  /** `from` says that it has these updates. */
  ihave(from: Address, digests: DigestBlock): void {
    if (this.#config.mode === 'off') return
    for (let index = 0; index < countDigests(digests); index++)
      addPeer(this.#seenBy.of(digestKey(digests, index)), from)
  }

  /** `from` has pushed updates along `tree`. */
  pushed(
    nowMs: number,
    from: Address,
    tree: number,
    { taken, duplicates, refused }: Arrived
  ): Send[] {
    for (const key of taken) this.#seenBy.of(key).tree = tree
    if (taken.length > 0) this.#trees.brought(tree, from, nowMs, () => this.#view.all(nowMs))
    if (refused.length > 0) {
      for (const key of refused) addPeer(this.#seenBy.of(key), from)
      const message: Message = { kind: 'refused', tree, digests: packKeys(refused) }
      return [{ kind: 'send', to: from, message }]
    }
    let isSuperfluous = false
    for (const key of duplicates) {
      const trace = this.#seenBy.of(key)
      addPeer(trace, from)
      // The network may double a message; that is no reason to prune.
      isSuperfluous ||= trace.from !== from
    }
    if (!isSuperfluous || taken.length > 0 || this.#trees.isParent(tree, from)) return []
    this.#trees.prune(tree, from)
    return [{ kind: 'send', to: from, message: { kind: 'prune', tree } }]
  }

  pruned(from: Address, tree: number): void {
    this.#trees.prune(tree, from)
  }

  /** `from` cannot take these updates now, which were pushed to it along `tree`. */
  refused(from: Address, tree: number, digests: DigestBlock): void {
    this.#trees.prune(tree, from)
    // It knows the digests now, and fetches the contents when it can.
    for (let index = 0; index < countDigests(digests); index++) {
      const trace = this.#seenBy.find(digestKey(digests, index))
      if (trace !== undefined) addPeer(trace, from)
    }
  }

  /** `from` fetches these updates. A tree that did not reach it gets a branch to it (GRAFT in Plumtree). */
  fetched(from: Address, digests: DigestBlock): void {
    for (let index = 0; index < countDigests(digests); index++) {
      const trace = this.#seenBy.find(digestKey(digests, index))
      if (trace === undefined) continue
      addPeer(trace, from)
      if (trace.isPushed) this.#trees.graft(trace.tree!, from)
    }
  }

  /** Takes an own update. */
  submitted(nowMs: number, update: KeyedUpdate): void {
    const { key } = update
    if (this.#config.mode === 'eager')
      this.#seenBy.of(key).tree = this.#treeOfOurs(nowMs, update.content.length)
    this.accepted(nowMs, { update, submittedAtMs: nowMs })
  }

  /** Takes an update that is new here; `from` brought it, if that is known. */
  accepted(
    nowMs: number,
    { update, submittedAtMs }: Pick<Deliver, 'update' | 'submittedAtMs'>,
    from?: Address
  ): void {
    if (this.#config.mode === 'off') return
    const trace = this.#seenBy.of(update.key)
    if (from !== undefined) {
      trace.from = from
      addPeer(trace, from)
    }
    const bytes = update.content.length
    this.#fresh.add({ trace, update, bytes, submittedAtMs, atMs: nowMs }, this.#view.isEmpty)
  }

  /**
   * Returns `undefined`, so that only digests are sent, while there are too many trees, or for the first update in
   * {@link TREE_MS}: a tree is not worth growing for one update. Tiny updates are pushed anyway.
   */
  #treeOfOurs(nowMs: number, bytes: number): number | undefined {
    const isFirst = nowMs - this.#submittedAtMs > TREE_MS
    this.#submittedAtMs = nowMs
    return this.#trees.isCrowded || (isFirst && bytes > SMALL_BYTES) ? undefined : this.#ownTree
  }

  /** Chooses neighbors while there are too few. `peers` is the number of peers that `chooseTargets` can choose from. */
  refill(
    nowMs: number,
    peers: number,
    chooseTargets: (count: number) => readonly Address[]
  ): Send[] {
    const isFull = this.#config.mode === 'off' || this.#view.missing(peers) <= 0
    if (isFull || (peers === this.#refilledAmong && nowMs < this.#refillAtMs)) return []
    this.#refillAtMs = nowMs + REFILL_MS
    this.#refilledAmong = peers
    return this.#view.addOutbound(chooseTargets(this.#config.degree)).map(neighborMessage)
  }

  /** Sends what is due: fresh updates, lazy pushes, `neighbor` messages and a {@link refill}. */
  tick(nowMs: number, peers: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    const sends: Send[] = []
    if (nowMs >= this.#neighborAtMs) {
      this.#neighborAtMs = nowMs + this.#config.neighborMs
      this.#view.rotate()
      sends.push(...this.#view.outbound.map(neighborMessage))
    }
    sends.push(...this.refill(nowMs, peers, chooseTargets))
    if (nowMs >= this.#freshAtMs) sends.push(...this.#spread(nowMs))
    for (const stage of this.#lazyStages) sends.push(...this.#pushLazily(nowMs, stage))
    return sends
  }

  /** Removes a peer that cannot be reached or may not be sent to. */
  forget(peer: Address): void {
    this.#view.forget(peer)
    this.#trees.forget(peer)
  }

  /** Without neighbors, fresh updates wait for some. */
  get #freshAtMs(): number {
    return this.#view.isEmpty ? Infinity : this.#fresh.sinceMs
  }

  get #lazyAtMs(): number {
    let dueMs = Infinity
    for (const { waiting } of this.#lazyStages)
      dueMs = Math.min(dueMs, waiting[0]?.dueMs ?? Infinity)
    return dueMs
  }

  #spread(nowMs: number): Send[] {
    const eager: EagerUpdate[] = []
    const others: UpdateTrace[] = []
    for (const fresh of this.#fresh.take(nowMs)) {
      if (this.#isEager(fresh)) eager.push(fresh)
      else others.push(fresh.trace)
    }
    return [...this.#pushEagerly(nowMs, eager), ...this.#sendDigests(nowMs, others)]
  }

  #isEager(fresh: FreshUpdate): fresh is EagerUpdate {
    const { trace, update, bytes } = fresh
    return trace.tree !== undefined && update !== undefined && bytes <= this.#config.eagerBytes
  }

  #pushEagerly(nowMs: number, updates: readonly EagerUpdate[]): Send[] {
    const bundles = new Bundles(this.#setting.maxBatchBytes)
    for (const update of updates) {
      const { trace } = update
      const tree = trace.tree!
      for (const to of this.#trees.branches(tree, nowMs, () => this.#view.all(nowMs))) {
        if (trace.peers.has(to) || this.#trees.isParent(tree, to)) continue
        trace.peers.add(to)
        bundles.add(to, tree, update)
      }
      trace.isPushed = true
      for (const { waiting, afterMs } of this.#lazyStages) {
        waiting.push({ trace, dueMs: nowMs + afterMs })
        if (waiting.length > MAX_LAZY) waiting.shift()
      }
    }
    return bundles.pushes(nowMs)
  }

  /** Sends the digests that are due, with those that will be soon, to save messages. */
  #pushLazily(nowMs: number, { isFirst, waiting }: LazyStage): Send[] {
    if ((waiting[0]?.dueMs ?? Infinity) > nowMs) return []
    const later = waiting.findIndex(({ dueMs }) => dueMs > nowMs + this.#config.lazyMs / 2)
    const due = waiting.splice(0, later < 0 ? waiting.length : later).map(({ trace }) => trace)
    return this.#sendDigests(nowMs, due, (peer) => !isFirst || peer > this.#self)
  }

  /** Sends `ihave` with the digests of `traces` to neighbors that are not known to have the updates. */
  #sendDigests(
    nowMs: number,
    traces: readonly UpdateTrace[],
    concerns: (peer: Address) => boolean = () => true
  ): Send[] {
    if (traces.length === 0) return []
    const most = this.#setting.maxDigestsPerMessage
    return this.#view
      .all(nowMs)
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

function neighborMessage(to: Address): Send {
  return { kind: 'send', to, message: { kind: 'neighbor' } }
}

function ihaveMessage(to: Address, keys: readonly DigestKey[]): Send {
  return { kind: 'send', to, message: { kind: 'ihave', digests: packKeys(keys) } }
}
