/**
 * Spreads news at once: small updates down the tree of their submitter, the rest by announcements, which are fetched.
 *
 * Handing on costs one message and no waiting, and is right while there is little to do. Under a burst, contents that were
 * handed on wait in queues, other links seem quicker, and trees tear themselves apart; then, and for what is large, news is
 * announced: a content is fetched once, from whoever told first, at the pace of who fetches.
 */

import type { Message, Send } from '../message.ts'
import { MAX_TREE } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import {
  countDigests,
  digestKey,
  packKeys,
  type Deliver,
  type DigestBlock,
  type DigestKey,
  type Update
} from '../update.ts'
import { Bundles, type HandedOn, type News } from './bundles.ts'
import type { BroadcastConfig } from './config.ts'
import { FreshNews } from './fresh-news.ts'
import { Hearsay, learn, type Tidings } from './hearsay.ts'
import { Neighbours } from './neighbours.ts'
import { TREE_MS, Trees } from './trees.ts'

/** How soon more neighbours are looked for, while there are too few in a view that stays as large as it is. */
const LOOKING_MS = 500

/** Of what became news in one turn, so many times `eagerBytes` are handed on at most; of more, all is announced. */
const BURST = 4

/** As much as telling all neighbours of an update costs: so little may as well be handed to them. */
const SMALL_BYTES = 64

/** How many updates that were handed on wait to be announced; rounds find who missed one of those beyond. */
const MAX_LATE = 4096

/** The most that one message may hold, and how often rounds come that find what was missed. */
export interface BroadcastSetting {
  readonly maxDigestsPerMessage: number
  readonly maxBatchBytes: number
  readonly periodMs: number
}

/** What was handed on to this node in one message. */
interface Arrived {
  readonly taken: readonly DigestKey[]
  readonly known: readonly DigestKey[]
  readonly refused: readonly DigestKey[]
}

/** What was handed on is announced later to those who may have missed it, in two turns. */
interface LateTurn {
  readonly afterMs: number
  /** The first turn is for neighbours whose address is beyond ours: of two that have it, only one tells the other. */
  readonly isFirst: boolean
  /** In order of time. */
  readonly waiting: { readonly tidings: Tidings; readonly dueMs: number }[]
}

export class Broadcaster {
  readonly #self: Address
  readonly #config: BroadcastConfig
  readonly #setting: BroadcastSetting
  readonly #neighbours: Neighbours
  readonly #hearsay = new Hearsay()
  readonly #trees: Trees
  readonly #ownTree: number
  #submittedAtMs = -Infinity
  readonly #news: FreshNews
  readonly #late: readonly LateTurn[]
  #greetAtMs: number
  /** When neighbours are looked for again, if the view has not changed its size before. */
  #lookAtMs = -Infinity
  #lookedAmong = 0

  constructor(
    self: Address,
    config: BroadcastConfig,
    setting: BroadcastSetting,
    rng: Rng,
    nowMs: number
  ) {
    this.#self = self
    this.#config = config
    const turns = config.lazyMs < setting.periodMs ? [true, false] : []
    this.#late = turns.map((isFirst) => ({
      isFirst,
      afterMs: (isFirst ? 1 : 2) * config.lazyMs,
      waiting: []
    }))
    this.#setting = setting
    this.#neighbours = new Neighbours(config.degree, config.greetingMs, rng)
    this.#trees = new Trees(4 * config.degree)
    this.#news = new FreshNews(config.mode === 'eager' ? BURST * config.eagerBytes : 0)
    this.#ownTree = rng.below(MAX_TREE + 1)
    this.#greetAtMs = config.mode === 'off' ? Infinity : nowMs + rng.fraction() * config.greetingMs
  }

  /** When `tick` has something to do; at once when there is news. */
  get dueMs(): number {
    return Math.min(this.#newsAtMs, this.#lateAtMs, this.#greetAtMs)
  }

  /** How many neighbours there are. */
  neighbours(nowMs: number): number {
    return this.#neighbours.all(nowMs).length
  }

  neighbourAddresses(nowMs: number): readonly Address[] {
    return this.#neighbours.all(nowMs)
  }

  /** `from` has announced these; or, when there are none, greeted us as a neighbour it has chosen. */
  announced(nowMs: number, from: Address, digests: DigestBlock): void {
    if (this.#config.mode === 'off') return
    if (digests.length === 0) this.#neighbours.greeted(from, nowMs)
    for (let index = 0; index < countDigests(digests); index++)
      learn(this.#hearsay.of(digestKey(digests, index)), from)
  }

  /** `from` has handed these on along `tree`: some of them were new here, the others known. */
  pushed(
    nowMs: number,
    from: Address,
    tree: number,
    { taken: isNew, known: isKnown, refused }: Arrived
  ): Send[] {
    for (const key of isNew) this.#hearsay.of(key).tree = tree
    if (isNew.length > 0) this.#trees.brought(tree, from, nowMs, () => this.#neighbours.all(nowMs))
    if (refused.length > 0) {
      for (const key of refused) learn(this.#hearsay.of(key), from)
      const message: Message = { kind: 'refused', tree, digests: packKeys(refused) }
      return [{ kind: 'send', to: from, message }]
    }
    let isSuperfluous = false
    for (const key of isKnown) {
      const tidings = this.#hearsay.of(key)
      learn(tidings, from)
      // The network may say a thing twice; that is no reason to part.
      isSuperfluous ||= tidings.from !== from
    }
    if (!isSuperfluous || isNew.length > 0 || this.#trees.isParent(tree, from)) return []
    this.#trees.prune(tree, from)
    return [{ kind: 'send', to: from, message: { kind: 'prune', tree } }]
  }

  pruned(from: Address, tree: number): void {
    this.#trees.prune(tree, from)
  }

  /** `from` does not take these now, which came to it along `tree`. */
  refused(from: Address, tree: number, digests: DigestBlock): void {
    this.#trees.prune(tree, from)
    // It knows of them: it comes for them when it can.
    for (let index = 0; index < countDigests(digests); index++) {
      const tidings = this.#hearsay.find(digestKey(digests, index))
      if (tidings !== undefined) learn(tidings, from)
    }
  }

  /** `from` fetches these. What it missed down a tree comes to it from here the next time. */
  fetched(from: Address, digests: DigestBlock): void {
    for (let index = 0; index < countDigests(digests); index++) {
      const tidings = this.#hearsay.find(digestKey(digests, index))
      if (tidings === undefined) continue
      learn(tidings, from)
      if (tidings.isHandedOn) this.#trees.graft(tidings.tree!, from)
    }
  }

  /** An update of our own. */
  submitted(nowMs: number, update: Update, key: DigestKey): void {
    if (this.#config.mode === 'eager')
      this.#hearsay.of(key).tree = this.#treeOfOurs(nowMs, update.content.length)
    this.accepted(nowMs, { update, key, submittedAtMs: nowMs })
  }

  /** An update is new here, and brought by `from`, if we still know. */
  accepted(
    nowMs: number,
    { update, key, submittedAtMs }: Pick<Deliver, 'update' | 'key' | 'submittedAtMs'>,
    from?: Address
  ): void {
    if (this.#config.mode === 'off') return
    const tidings = this.#hearsay.of(key)
    if (from !== undefined) {
      tidings.from = from
      learn(tidings, from)
    }
    const bytes = update.content.length
    this.#news.add({ tidings, update, bytes, submittedAtMs, atMs: nowMs }, this.#neighbours.isEmpty)
  }

  /** None for the first update in a while, which may be the last, unless it is so small that a tree costs nothing. */
  #treeOfOurs(nowMs: number, bytes: number): number | undefined {
    const isFirst = nowMs - this.#submittedAtMs > TREE_MS
    this.#submittedAtMs = nowMs
    return this.#trees.isCrowded || (isFirst && bytes > SMALL_BYTES) ? undefined : this.#ownTree
  }

  /** Chooses neighbours, when there are too few. `known` is how many peers `chooseTargets` can choose from. */
  look(nowMs: number, known: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    const isOff = this.#config.mode === 'off' || this.#neighbours.wanted(known) <= 0
    if (isOff || (known === this.#lookedAmong && nowMs < this.#lookAtMs)) return []
    this.#lookAtMs = nowMs + LOOKING_MS
    this.#lookedAmong = known
    return this.#neighbours
      .choose(chooseTargets(this.#config.degree))
      .map((peer) => announcement(peer, []))
  }

  /** News, greetings and a {@link look}, each when due. */
  tick(nowMs: number, known: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    const sends: Send[] = []
    if (nowMs >= this.#greetAtMs) {
      this.#greetAtMs = nowMs + this.#config.greetingMs
      this.#neighbours.release()
      for (const peer of this.#neighbours.chosen) sends.push(announcement(peer, []))
    }
    sends.push(...this.look(nowMs, known, chooseTargets))
    if (nowMs >= this.#newsAtMs) sends.push(...this.#spread(nowMs))
    for (const turn of this.#late) sends.push(...this.#announceLate(nowMs, turn))
    return sends
  }

  /** `peer` cannot be reached, or is not to be spoken to. */
  forget(peer: Address): void {
    this.#neighbours.forget(peer)
    this.#trees.forget(peer)
  }

  /** Without neighbours, news waits for some. */
  get #newsAtMs(): number {
    return this.#neighbours.isEmpty ? Infinity : this.#news.sinceMs
  }

  get #lateAtMs(): number {
    let dueMs = Infinity
    for (const { waiting } of this.#late) dueMs = Math.min(dueMs, waiting[0]?.dueMs ?? Infinity)
    return dueMs
  }

  #spread(nowMs: number): Send[] {
    const handedOn: HandedOn[] = []
    const announced: Tidings[] = []
    for (const news of this.#news.take(nowMs)) {
      if (this.#isEager(news)) handedOn.push(news)
      else announced.push(news.tidings)
    }
    return [...this.#handOn(nowMs, handedOn), ...this.#announce(nowMs, announced)]
  }

  #isEager(news: News): news is HandedOn {
    const { tidings, update, bytes } = news
    return tidings.tree !== undefined && update !== undefined && bytes <= this.#config.eagerBytes
  }

  #handOn(nowMs: number, news: readonly HandedOn[]): Send[] {
    const bundles = new Bundles(this.#setting.maxBatchBytes)
    for (const one of news) {
      const { tidings } = one
      const tree = tidings.tree!
      for (const to of this.#trees.branches(tree, nowMs, () => this.#neighbours.all(nowMs))) {
        if (tidings.known.has(to) || this.#trees.isParent(tree, to)) continue
        tidings.known.add(to)
        bundles.add(to, tree, one)
      }
      tidings.isHandedOn = true
      for (const { waiting, afterMs } of this.#late) {
        waiting.push({ tidings, dueMs: nowMs + afterMs })
        if (waiting.length > MAX_LATE) waiting.shift()
      }
    }
    return bundles.pushes(nowMs)
  }

  /** Those that have waited nearly as long go along: fewer messages, and nobody is told much too early. */
  #announceLate(nowMs: number, { isFirst, waiting }: LateTurn): Send[] {
    if ((waiting[0]?.dueMs ?? Infinity) > nowMs) return []
    const later = waiting.findIndex(({ dueMs }) => dueMs > nowMs + this.#config.lazyMs / 2)
    const due = waiting.splice(0, later < 0 ? waiting.length : later)
    return this.#announce(
      nowMs,
      due.map(({ tidings }) => tidings),
      (peer) => !isFirst || peer > this.#self
    )
  }

  #announce(
    nowMs: number,
    some: readonly Tidings[],
    concerns: (peer: Address) => boolean = () => true
  ): Send[] {
    if (some.length === 0) return []
    return this.#neighbours
      .all(nowMs)
      .filter(concerns)
      .flatMap((peer) => {
        const unknown: DigestKey[] = []
        for (const { known, key } of some) {
          if (known.has(peer)) continue
          known.add(peer)
          unknown.push(key)
        }
        const sends: Send[] = []
        for (let at = 0; at < unknown.length; at += this.#setting.maxDigestsPerMessage) {
          sends.push(announcement(peer, unknown.slice(at, at + this.#setting.maxDigestsPerMessage)))
        }
        return sends
      })
  }
}

function announcement(to: Address, keys: readonly DigestKey[]): Send {
  return { kind: 'send', to, message: { kind: 'announcement', digests: packKeys(keys) } }
}
