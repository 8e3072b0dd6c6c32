/**
 * Rounds whose price does not grow with what is known: fingerprints, then symbols until they tell the difference (rateless
 * IBLT, Yang et al. 2024), then names for what one of the two lacks.
 *
 * Whoever opens an exchange compares and remembers; whoever answers does neither. So a stranger can make a node hand out
 * symbols, but never to compare more often than the node itself asks. Falls back to a list when symbols do not decode.
 */

import { MAX_SYMBOLS } from '../message.ts'
import type { DifferenceRequest, Send, SketchRequest, SketchResponse } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import { symbolBytes, symbolsFor, LEAST_SYMBOLS } from '../reconciliation/coded-symbols.ts'
import { difference } from '../reconciliation/difference.ts'
import type { ShortIdKey } from '../reconciliation/short-id.ts'
import { countSymbols } from '../reconciliation/sketch.ts'
import {
  countDigests,
  DIGEST_BYTES,
  digestKey,
  type DigestBlock,
  type DigestKey
} from '../update.ts'
import { maxSymbolsPerMessage, type ActiveSketch } from './active-sketch.ts'
import { equalBytes, type ComparisonBackoff } from './comparison-backoff.ts'
import type { DisseminationConfig } from './config.ts'
import { DifferenceRequests } from './difference-requests.ts'
import { KnownDifferences } from './known-differences.ts'
import {
  OpenExchanges,
  type Exchange,
  type Ours,
  type Piece,
  type Question
} from './open-exchanges.ts'
import { SketchFailures } from './sketch-failures.ts'
import type { Unacknowledged } from './unacknowledged.ts'
import type { UpdateStore } from './update-store.ts'

/** Beyond, a list costs less than the symbols and the turns it takes to find out. */
const MAX_DIFFERENCES = 2000

/** What an exchange of equal sets costs, both ways: a list that costs less, or less than the first symbols, is sent instead. */
const EQUAL_BYTES = 48

/** So many turns, and it is a list. To begin again, because the set there has changed meanwhile, counts as several. */
const MAX_TURNS = 24
const TURNS_OF_RESTART = 8

const NO_SYMBOLS: Uint8Array = new Uint8Array(0)

/** What follows an answer: the next requests, `list` for a list, or nothing, as all is known. */
export type NextStep =
  | readonly SketchRequest[]
  | DifferenceRequest
  | 'list'
  | 'nothing'
  | 'unsolicited'

export class SketchExchange {
  readonly #config: DisseminationConfig
  readonly #store: UpdateStore
  readonly #sketch: ActiveSketch
  readonly #requests: DifferenceRequests
  readonly #known = new KnownDifferences()
  readonly #open: OpenExchanges
  readonly #backoff: ComparisonBackoff
  readonly #failures = new SketchFailures()
  readonly #unacknowledged: Unacknowledged
  readonly #maxSymbols: number
  /** Who was last told by a list, as the counts were so far apart. */
  #lastTold: Address | undefined
  /** The peer whose answer, the last one, has shown nothing that this node lacks. */
  lacksNothingOf: Address | undefined
  /** What exchanges differed in, with whomever: the last one that did at all, and the recent ones. */
  #whenDifferent = 4
  #usually = 4

  constructor(
    config: DisseminationConfig,
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
    this.#maxSymbols = maxSymbolsPerMessage(config, sketch.ids)
    this.#open = new OpenExchanges(this.#maxSymbols, config.requestTimeoutMs)
    this.#requests = new DifferenceRequests(config, sketch, rng)
  }

  /** Whether sketches are compared at all: without both ways there is no difference to tell, and what counts pushes must see them. */
  get isOn(): boolean {
    const { reconciliation, push, pull, expiration } = this.#config
    return reconciliation === 'sketch' && push && pull && expiration.mode !== 'pushCount'
  }

  /** When a request is to be sent again; Infinity when none is open. */
  get dueMs(): number {
    return this.#open.dueMs
  }

  /** Opens an exchange with `to`, unless a `list` does better, or one is under way and the `nothing` is to wait for it. */
  open(
    to: Address,
    nowMs: number,
    room: number
  ): readonly SketchRequest[] | DifferenceRequest | 'list' | 'nothing' {
    if (!this.isOn) return 'list'
    const more = this.#requests.next(to, room, true)
    if (more !== undefined) return more
    if (this.#open.has(to)) return 'nothing'
    const isWorthIt = this.#isWorthIt()
    if (!isWorthIt) this.#usually /= 2
    const byList = !isWorthIt || this.#failures.takesList(to)
    const ours = this.#sketch.fingerprint()
    const isEarly = this.#backoff.isEarly(to, nowMs, ours)
    if (byList && !isEarly && !this.#backoff.stands(to, ours)) return 'list'
    const count = byList || isEarly ? 0 : symbolsFor(this.#whenDifferent)
    return this.#ask(to, nowMs, question(count, byList))
  }

  /** The requests that are sent again, as no answer has come. */
  again(nowMs: number): Send[] {
    const { requests, silent } = this.#open.again(nowMs, (peer) => this.#ours(peer))
    for (const peer of silent) {
      this.#failures.unanswered(peer)
      this.#backoff.forget(peer)
    }
    return requests
  }

  /** `from` has sent symbols; `room` is how many contents more may be asked of it. */
  compare(nowMs: number, from: Address, response: SketchResponse, room: number): NextStep {
    this.lacksNothingOf = undefined
    const found = this.#open.answered(nowMs, from, response.first)
    if (found === undefined) return 'unsolicited'
    const { exchange, piece } = found
    if (equalBytes(response.fingerprint, exchange.ours)) {
      this.#open.delete(from)
      this.#usually /= 2
      this.#failures.succeeded(from)
      this.#hasAllBut(from, exchange.mark, [])
      this.#backoff.forget(from)
      this.lacksNothingOf = from
      return 'nothing'
    }
    if (piece.count === 0) return this.#considerFingerprint(nowMs, from, exchange, response)
    const count = countSymbols(response.symbols, this.#sketch.ids)
    // None though it differs, ids of another length, or more than was asked for: not what we speak.
    if (!count || count > piece.count) return this.#giveUp(from)
    return this.#collect(nowMs, from, exchange, piece, response, room)
  }

  /** `from` has named `digests` when it was told of `told`: what was told expired there, what expired here is active there. */
  named(from: Address, digests: DigestBlock, told: DigestBlock): void {
    const toldKeys = new Set(
      Array.from({ length: countDigests(told) }, (_, index) => digestKey(told, index))
    )
    for (let index = 0; index < countDigests(digests); index++) {
      const key = digestKey(digests, index)
      if (!toldKeys.has(key) && this.#store.status(key) !== 'expired') continue
      this.#sketch.ids.ofDigest(digests, index * DIGEST_BYTES)
      this.#known.add(from, this.#sketch.ids.key)
    }
  }

  /** The next of what the last exchange with `to` has shown, if that is not yet asked for and there is `room` for it. */
  more(to: Address, room: number): DifferenceRequest | undefined {
    return this.#requests.next(to, room, false)
  }

  /** Whether not all was asked for that the last exchange with `peer` has shown. */
  hasMore(peer: Address): boolean {
    return this.#requests.hasFresh(peer)
  }

  /** Nothing that the last exchange with `peer` has shown can be had: it is not asked for again. */
  refused(peer: Address): void {
    this.#requests.forget(peer)
  }

  sendFailed(to: Address): void {
    this.#open.delete(to)
    this.#requests.forget(to)
  }

  /** The sets differ: whether they did before, and all is known that a comparison would show. */
  #considerFingerprint(
    nowMs: number,
    from: Address,
    { byList }: Exchange,
    { fingerprint }: SketchResponse
  ): readonly SketchRequest[] | 'list' | 'nothing' {
    this.#open.delete(from)
    const ours = this.#sketch.fingerprint()
    if (this.#backoff.isEarly(from, nowMs, ours, fingerprint)) return 'nothing'
    if (byList) {
      this.#backoff.started(from, nowMs, ours, fingerprint)
      return 'list'
    }
    return this.#ask(from, nowMs, question(symbolsFor(this.#whenDifferent), byList))
  }

  /** Symbols are considered once all that one turn has asked for are there, and of one set. */
  #collect(
    nowMs: number,
    from: Address,
    exchange: Exchange,
    piece: Piece,
    { fingerprint, updates, symbols }: SketchResponse,
    room: number
  ): NextStep {
    this.#backoff.took(from, EQUAL_BYTES + symbols.length)
    if (exchange.theirs !== undefined && !equalBytes(exchange.theirs, fingerprint)) {
      const turns = exchange.turns + TURNS_OF_RESTART
      this.#open.delete(from)
      // That says nothing of its sketches.
      if (turns > MAX_TURNS) return 'list'
      return this.#ask(from, nowMs, question(exchange.first + exchange.count, false, turns))
    }
    exchange.theirs = fingerprint
    // Messages there hold fewer symbols: those that follow would leave a gap.
    if (symbols.length < piece.count * symbolBytes(this.#sketch.ids))
      exchange.pieces.splice(exchange.pieces.indexOf(piece) + 1)
    const all = this.#open.put(from, exchange, piece, symbols)
    if (all === undefined) return 'nothing'
    return this.#considerSymbols(nowMs, from, exchange, all, fingerprint, updates, room)
  }

  #considerSymbols(
    nowMs: number,
    from: Address,
    { turns }: Exchange,
    symbols: Uint8Array,
    theirs: Uint8Array,
    updates: number,
    room: number
  ): NextStep {
    const known = symbols.length / symbolBytes(this.#sketch.ids)
    const apart = Math.abs(updates - this.#sketch.countWith(this.#known.of(from)))
    // Symbols for so many, and then their digests, against the digests of all: a newcomer, or a list no longer than that.
    const apartBytes = symbolsFor(apart) * symbolBytes(this.#sketch.ids) + apart * DIGEST_BYTES
    // Every other time only: of what has expired at one of us, lists do not learn.
    const isCheaper =
      turns === 0 && apartBytes > this.#sketch.count * DIGEST_BYTES && this.#lastTold !== from
    if (turns === 0) {
      this.#lastTold = isCheaper ? from : undefined
      this.#backoff.started(from, nowMs, this.#sketch.fingerprint(), theirs)
      this.#backoff.took(from, EQUAL_BYTES + symbols.length)
    }
    if (apart > MAX_DIFFERENCES || isCheaper) return 'list'
    const found = difference(
      this.#sketch.symbols(known, this.#known.of(from)),
      symbols,
      this.#sketch.ids
    )
    if (found !== undefined) return this.#conclude(from, found, theirs, room)
    if (known >= MAX_SYMBOLS) return this.#giveUp(from)
    // Mostly the first ones nearly did, unless they were all that one message holds.
    const isCut = known >= this.#maxSymbols
    const more = Math.max(
      LEAST_SYMBOLS,
      isCut ? known : known >> (turns === 0 ? 2 : 1),
      symbolsFor(isCut ? Math.max(apart, this.#whenDifferent) : apart) - known
    )
    const count = Math.min(more, MAX_SYMBOLS - known)
    return this.#ask(from, nowMs, {
      first: known,
      count,
      byList: false,
      symbols,
      theirs,
      turns: turns + 1
    })
  }

  #isWorthIt(): boolean {
    const firstBytes = symbolBytes(this.#sketch.ids) * symbolsFor(this.#usually)
    return (
      this.#maxSymbols >= LEAST_SYMBOLS &&
      this.#sketch.count * DIGEST_BYTES > EQUAL_BYTES + firstBytes
    )
  }

  #giveUp(peer: Address): 'list' {
    this.#open.delete(peer)
    this.#failures.undecided(peer)
    return 'list'
  }

  #ask(to: Address, nowMs: number, asked: Question): readonly SketchRequest[] | 'list' {
    if (asked.turns > MAX_TURNS) return this.#giveUp(to)
    return this.#open.ask(to, nowMs, asked, this.#ours(to))
  }

  /** Our set, as comparisons with `peer` see it. */
  #ours(peer: Address): Ours {
    const fingerprint = this.#sketch.fingerprint(this.#known.of(peer))
    return { fingerprint, mark: this.#unacknowledged.mark }
  }

  #conclude(from: Address, found: Uint8Array, theirs: Uint8Array, room: number): NextStep {
    const { ids } = this.#sketch
    const lacked: DigestKey[] = []
    const lacking: ShortIdKey[] = []
    const differences = found.length / ids.bytes
    this.#usually = (this.#usually + differences) / 2
    this.#whenDifferent = differences
    for (let at = 0; at < found.length; at += ids.bytes) {
      ids.read(found, at)
      const { key } = ids
      if (this.#known.delete(from, key)) continue
      const stored = this.#sketch.find(key)
      if (stored === undefined) lacking.push(key)
      else if (this.#store.get(stored.key) === stored) lacked.push(stored.key)
      else this.#known.add(from, key)
    }
    if (found.length === 0 && !equalBytes(theirs, this.#sketch.fingerprint(this.#known.of(from))))
      return this.#giveUp(from)
    this.#failures.succeeded(from)
    this.#hasAllBut(from, this.#unacknowledged.mark, lacked)
    if (lacking.length === 0) this.lacksNothingOf = from
    if (lacked.length + lacking.length === 0) return 'nothing'
    return this.#requests.begin(from, lacked, lacking, room) ?? 'nothing'
  }

  /** `from` has what was active here at `mark`, but those `lacked`, and those that comparisons with it leave out. */
  #hasAllBut(from: Address, mark: number, lacked: readonly DigestKey[]): void {
    if (this.#unacknowledged.count === 0) return
    const lacks = new Set(lacked)
    const mask = this.#known.of(from)
    this.#unacknowledged.hasAll(mark, (key) => {
      const stored = mask.size === 0 ? undefined : this.#store.get(key)
      return lacks.has(key) || (stored !== undefined && mask.has(this.#sketch.keyOf(stored)))
    })
  }
}

/** The first symbols, or none for a comparison of fingerprints, of an exchange that begins after so many turns. */
function question(count: number, byList: boolean, turns: number = 0): Question {
  return { first: 0, count, byList, symbols: NO_SYMBOLS, theirs: undefined, turns }
}
