/**
 * Compares sets by sketches, at a cost that depends on the difference and not on the sets: first fingerprints, then symbols
 * until they decode (rateless IBLT, Yang et al. 2024), then the digests that one of the two lacks.
 *
 * The node that opens an exchange compares and keeps state; the one that answers does neither. So a peer can make a node send
 * symbols, but not compare more often than the node chooses to. Falls back to a list when symbols do not decode.
 */

import { FIELDS } from '../model/message.ts'
import type { MessageOf, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'
import {
  countDigests,
  DIGEST_BYTES,
  digestKey,
  type DigestBlock,
  type DigestKey
} from '../model/update.ts'
import type { Unacknowledged } from '../store/unacknowledged.ts'
import type { UpdateStore } from '../store/update-store.ts'
import { maxSymbolsPerMessage, type ActiveSketch } from './active-sketch.ts'
import { equalBytes, type ComparisonBackoff } from './comparison-backoff.ts'
import type { ComparisonConfig } from './config.ts'
import { DifferenceRequests } from './difference-requests.ts'
import { symbolBytes } from './iblt/coded-symbols.ts'
import { difference } from './iblt/difference.ts'
import type { ShortIdKey } from './iblt/short-id.ts'
import { countSymbols } from './iblt/sketch.ts'
import { KnownDifferences } from './known-differences.ts'
import {
  OpenExchanges,
  type Exchange,
  type Ours,
  type Piece,
  type Question
} from './open-exchanges.ts'
import { SketchFailures } from './sketch-failures.ts'
import { EQUAL_BYTES, SketchPolicy } from './sketch-policy.ts'

/** The most turns; then a list is used. A restart, because the peer's set has changed meanwhile, counts as several turns. */
const MAX_TURNS = 24
const TURNS_OF_RESTART = 8

const NO_SYMBOLS: Uint8Array = new Uint8Array(0)

export type NextStep =
  | readonly MessageOf<'sketch-request'>[]
  | MessageOf<'difference-request'>
  | 'list'
  | 'nothing'
  | 'unsolicited'

export class SketchInitiator {
  readonly #config: ComparisonConfig
  readonly #store: UpdateStore
  readonly #sketch: ActiveSketch
  readonly #requests: DifferenceRequests
  readonly #differences = new KnownDifferences()
  readonly #open: OpenExchanges
  readonly #backoff: ComparisonBackoff
  readonly #failures = new SketchFailures()
  readonly #unacknowledged: Unacknowledged
  readonly #policy: SketchPolicy
  /** The peer of the last answer, if the answer showed that this node lacks nothing. */
  lacksNothingOf: Address | undefined

  constructor(
    config: ComparisonConfig,
    store: UpdateStore,
    sketch: ActiveSketch,
    backoff: ComparisonBackoff,
    rng: Rng,
    unacknowledged: Unacknowledged
  ) {
    this.#config = config
    this.#store = store
    this.#sketch = sketch
    this.#backoff = backoff
    this.#unacknowledged = unacknowledged
    const maxSymbols = maxSymbolsPerMessage(config, sketch.ids)
    this.#policy = new SketchPolicy(sketch, maxSymbols)
    this.#open = new OpenExchanges(maxSymbols, config.requestTimeoutMs)
    this.#requests = new DifferenceRequests(config, sketch, rng)
  }

  /** Whether sketches are used at all: they need push and pull, and `pushCount` needs digests to be sent. */
  get isEnabled(): boolean {
    const { reconciliation, push, pull, expiration } = this.#config
    return reconciliation === 'sketch' && push && pull && expiration.mode !== 'pushCount'
  }

  /** When a request must be repeated; Infinity when none is open. */
  get dueMs(): number {
    return this.#open.dueMs
  }

  /** Opens an exchange with `to`, or goes on with what the last one left. Returns `nothing` while one is open. */
  open(
    to: Address,
    nowMs: number,
    freeSlots: number
  ): readonly MessageOf<'sketch-request'>[] | MessageOf<'difference-request'> | 'list' | 'nothing' {
    if (!this.isEnabled) return 'list'
    const more = this.#requests.next(to, freeSlots, true)
    if (more !== undefined) return more
    if (this.#open.has(to)) return 'nothing'
    const prefersList = this.#policy.prefersList()
    const byList = prefersList || this.#failures.takesList(to)
    const whole = this.#sketch.fingerprint()
    const isEarly = this.#backoff.isEarly(to, nowMs, whole)
    // Of a set that has not changed since the last comparison, a fingerprint goes first: equal sets need no list.
    if (byList && !isEarly && !this.#backoff.isUnchanged(to, whole)) return 'list'
    const count = byList || isEarly ? 0 : this.#policy.firstSymbols()
    return this.#ask(to, nowMs, firstQuestion(count, byList))
  }

  /** Returns the requests to repeat after timeouts. */
  again(nowMs: number): Send[] {
    const { requests, unanswered } = this.#open.again(nowMs, (peer) => this.#ours(peer))
    for (const peer of unanswered) {
      this.#failures.unanswered(peer)
      this.#backoff.forget(peer)
    }
    return requests
  }

  /** Handles symbols of `from`. `freeSlots` is how many more contents may be requested from it. */
  compare(
    nowMs: number,
    from: Address,
    response: MessageOf<'sketch-response'>,
    freeSlots: number
  ): NextStep {
    this.lacksNothingOf = undefined
    const found = this.#open.answered(nowMs, from, response.first)
    if (found === undefined) return 'unsolicited'
    const { exchange, piece } = found
    if (equalBytes(response.fingerprint, exchange.ours)) {
      this.#open.delete(from)
      this.#policy.foundEqual()
      this.#failures.succeeded(from)
      this.#hasAllBut(from, exchange.mark, [])
      this.#backoff.forget(from)
      this.lacksNothingOf = from
      return 'nothing'
    }
    if (piece.count === 0) return this.#considerFingerprint(nowMs, from, exchange, response)
    const count = countSymbols(response.symbols, this.#sketch.ids)
    // No symbols though the sets differ, ids of another length, or more symbols than requested: the peer is incompatible.
    if (!count || count > piece.count) return this.#giveUp(from)
    return this.#collect(nowMs, from, exchange, piece, response, freeSlots)
  }

  /** Keeps lasting differences: digests that the request `named` have expired at `from`, the others here. */
  differenceAnswered(from: Address, digests: DigestBlock, named: DigestBlock): void {
    const namedKeys = new Set(
      Array.from({ length: countDigests(named) }, (_, index) => digestKey(named, index))
    )
    for (let index = 0; index < countDigests(digests); index++) {
      const key = digestKey(digests, index)
      if (!namedKeys.has(key) && this.#store.status(key) !== 'expired') continue
      const id = this.#sketch.ids.ofDigest(digests, index * DIGEST_BYTES)
      this.#differences.add(from, this.#sketch.ids.keyOf(id))
    }
  }

  /** Returns the next request for updates that the last exchange with `to` found missing here, if `freeSlots` allow one. */
  more(to: Address, freeSlots: number): MessageOf<'difference-request'> | undefined {
    return this.#requests.next(to, freeSlots, false)
  }

  /** Returns whether updates that the last exchange with `peer` found missing here were not requested yet. */
  hasMore(peer: Address): boolean {
    return this.#requests.hasFresh(peer)
  }

  /** Forgets the missing updates of the last exchange with `peer`, because none of them can be accepted. */
  refused(peer: Address): void {
    this.#requests.forget(peer)
  }

  sendFailed(to: Address): void {
    this.#open.delete(to)
    this.#requests.forget(to)
  }

  /** Handles a fingerprint that differs: requests symbols, unless a comparison of these sets would be too early. */
  #considerFingerprint(
    nowMs: number,
    from: Address,
    { byList }: Exchange,
    { fingerprint }: MessageOf<'sketch-response'>
  ): readonly MessageOf<'sketch-request'>[] | 'list' | 'nothing' {
    this.#open.delete(from)
    const ours = this.#sketch.fingerprint()
    if (this.#backoff.isEarly(from, nowMs, ours, fingerprint)) return 'nothing'
    if (byList) {
      this.#backoff.started(from, nowMs, ours, fingerprint)
      return 'list'
    }
    return this.#ask(from, nowMs, firstQuestion(this.#policy.firstSymbols(), byList))
  }

  /** Collects symbols until all pieces of a turn have arrived. Restarts if the peer's set has changed. */
  #collect(
    nowMs: number,
    from: Address,
    exchange: Exchange,
    piece: Piece,
    { fingerprint, updates, symbols }: MessageOf<'sketch-response'>,
    freeSlots: number
  ): NextStep {
    this.#backoff.took(from, EQUAL_BYTES + symbols.length)
    if (exchange.theirs !== undefined && !equalBytes(exchange.theirs, fingerprint)) {
      const turns = exchange.turns + TURNS_OF_RESTART
      this.#open.delete(from)
      // Does not count as a failure of the peer's sketches: its set changes too often.
      if (turns > MAX_TURNS) return 'list'
      return this.#ask(from, nowMs, firstQuestion(exchange.first + exchange.count, false, turns))
    }
    exchange.theirs = fingerprint
    // The peer's messages hold fewer symbols, so later pieces would leave a gap.
    if (symbols.length < piece.count * symbolBytes(this.#sketch.ids))
      exchange.pieces.splice(exchange.pieces.indexOf(piece) + 1)
    const all = this.#open.put(from, exchange, piece, symbols)
    if (all === undefined) return 'nothing'
    return this.#considerSymbols(nowMs, from, exchange, all, fingerprint, updates, freeSlots)
  }

  #considerSymbols(
    nowMs: number,
    from: Address,
    { turns }: Exchange,
    symbols: Uint8Array,
    theirs: Uint8Array,
    updates: number,
    freeSlots: number
  ): NextStep {
    const symbolCount = symbols.length / symbolBytes(this.#sketch.ids)
    const apart = Math.abs(updates - this.#sketch.countWith(this.#differences.of(from)))
    if (turns === 0) {
      this.#backoff.started(from, nowMs, this.#sketch.fingerprint(), theirs)
      this.#backoff.took(from, EQUAL_BYTES + symbols.length)
    }
    if (this.#policy.endsInList(from, apart, turns)) return 'list'
    const found = difference(
      this.#sketch.symbols(symbolCount, this.#differences.of(from)),
      symbols,
      this.#sketch.ids
    )
    if (found !== undefined) return this.#conclude(from, found, theirs, freeSlots)
    if (symbolCount >= FIELDS.first.most) return this.#giveUp(from)
    return this.#ask(from, nowMs, {
      first: symbolCount,
      count: this.#policy.moreSymbols(symbolCount, apart, turns),
      byList: false,
      symbols,
      theirs,
      turns: turns + 1
    })
  }

  #giveUp(peer: Address): 'list' {
    this.#open.delete(peer)
    this.#failures.undecided(peer)
    return 'list'
  }

  #ask(
    to: Address,
    nowMs: number,
    question: Question
  ): readonly MessageOf<'sketch-request'>[] | 'list' {
    if (question.turns > MAX_TURNS) return this.#giveUp(to)
    return this.#open.ask(to, nowMs, question, this.#ours(to))
  }

  /** Returns the mark of this node's set, and its fingerprint with the lasting differences to `peer` toggled. */
  #ours(peer: Address): Ours {
    const fingerprint = this.#sketch.fingerprint(this.#differences.of(peer))
    return { fingerprint, mark: this.#unacknowledged.mark }
  }

  #conclude(from: Address, found: Uint8Array, theirs: Uint8Array, freeSlots: number): NextStep {
    const { ids } = this.#sketch
    const theyLack: DigestKey[] = []
    const weLack: ShortIdKey[] = []
    this.#policy.found(found.length / ids.bytes)
    for (let at = 0; at < found.length; at += ids.bytes) {
      const key = ids.keyAt(found, at)
      if (this.#differences.delete(from, key)) continue
      const stored = this.#sketch.find(key)
      if (stored === undefined) weLack.push(key)
      else if (this.#store.get(stored.key) === stored) theyLack.push(stored.key)
      else this.#differences.add(from, key)
    }
    const differing = this.#differences.of(from)
    if (found.length === 0 && !equalBytes(theirs, this.#sketch.fingerprint(differing)))
      return this.#giveUp(from)
    this.#failures.succeeded(from)
    this.#hasAllBut(from, this.#unacknowledged.mark, theyLack)
    if (weLack.length === 0) this.lacksNothingOf = from
    if (theyLack.length + weLack.length === 0) return 'nothing'
    return this.#requests.begin(from, theyLack, weLack, freeSlots) ?? 'nothing'
  }

  /** Notes that `from` has all that was active here at `mark`, except for the updates in `theyLack` and the lasting differences to `from`. */
  #hasAllBut(from: Address, mark: number, theyLack: readonly DigestKey[]): void {
    if (this.#unacknowledged.count === 0) return
    const lacks = new Set(theyLack)
    const mask = this.#differences.of(from)
    this.#unacknowledged.hasAll(mark, (key) => {
      const stored = mask.size === 0 ? undefined : this.#store.get(key)
      return lacks.has(key) || (stored !== undefined && mask.has(this.#sketch.keyOf(stored)))
    })
  }
}

/** Returns the first question of an exchange: for `count` symbols, or only fingerprints if 0, after `turns` earlier turns. */
function firstQuestion(count: number, byList: boolean, turns: number = 0): Question {
  return { first: 0, count, byList, symbols: NO_SYMBOLS, theirs: undefined, turns }
}
