/** Tracks the exchanges of sketches that this node has opened, and the symbols requested in them until they arrive. */

import { setBounded } from '../model/bounded-map.ts'
import type { MessageOf, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { RoundTrip } from '../model/round-trip.ts'

/** The most open exchanges; beyond it, the one that has waited longest is given up. */
const MAX_OPEN = 64

/**
 * The most messages of symbols that one turn requests, where a message holds few: with fewer turns, the peer's set more likely
 * stays the same meanwhile. The first turn requests one message, because the sets are usually equal.
 */
const MESSAGES_PER_TURN = 32

/** After how many timeouts an exchange is given up: in its first turn, and in later ones, when the peer has answered before. */
const FIRST_TIMEOUTS = 3
const LATER_TIMEOUTS = 8

/** How long after an answer the next one of the same turn may arrive: this many times the answer's delay, and at least this. */
const LAG_TIMES = 2
const LEAST_LAG_MS = 20

/** The symbols that one message requests. */
export interface Piece {
  readonly first: number
  readonly count: number
  /** `undefined` until they have arrived. */
  symbols: Uint8Array | undefined
  /** Whether they were requested more than once. */
  isRepeated: boolean
}

/** What one turn of an exchange requests. */
export interface Question {
  /** Index of the first symbol, and how many are requested; none to compare only fingerprints. */
  readonly first: number
  readonly count: number
  /** Whether a list follows, instead of symbols, if the fingerprints differ. */
  readonly byList: boolean
  /** The symbols of earlier turns, and the fingerprint of the set that they describe. */
  readonly symbols: Uint8Array
  readonly theirs: Uint8Array | undefined
  /** How many turns there were before. */
  readonly turns: number
}

/** The set of this node at the time of a request. */
export interface Ours {
  readonly fingerprint: Uint8Array
  /** The `mark` of `Unacknowledged`: which own updates the fingerprint covers. */
  readonly mark: number
}

/** An exchange that this node has opened. */
export interface Exchange extends Omit<Question, 'theirs'> {
  readonly pieces: Piece[]
  /** The fingerprint that this node sent last, and its `mark`. */
  ours: Uint8Array
  mark: number
  /** The fingerprint of the peer. All symbols must be of this set. */
  theirs: Uint8Array | undefined
  requestedAtMs: number
  /** When missing symbols are requested again. */
  lapsesAtMs: number
  /** How many answers have arrived since the last request, and how many timeouts in a row there were without any. */
  answers: number
  timeouts: number
}

export class OpenExchanges {
  readonly #maxSymbols: number
  readonly #timeoutMs: number
  readonly #roundTrip: RoundTrip
  readonly #ofPeers = new Map<Address, Exchange>()

  /** A message holds `maxSymbols`; an answer is read for `timeoutMs`. */
  constructor(maxSymbols: number, timeoutMs: number) {
    this.#maxSymbols = Math.max(1, maxSymbols)
    this.#timeoutMs = timeoutMs
    this.#roundTrip = new RoundTrip(timeoutMs)
  }

  get size(): number {
    return this.#ofPeers.size
  }

  /** When the first exchange times out; Infinity when none is open. */
  get dueMs(): number {
    let dueMs = Infinity
    for (const { lapsesAtMs } of this.#ofPeers.values()) dueMs = Math.min(dueMs, lapsesAtMs)
    return dueMs
  }

  has(peer: Address): boolean {
    return this.#ofPeers.has(peer)
  }

  delete(peer: Address): void {
    this.#ofPeers.delete(peer)
  }

  /** Requests symbols from `to`, at most as many as the messages of one turn hold. `ours` is the set of this node. */
  ask(
    to: Address,
    nowMs: number,
    question: Question,
    ours: Ours
  ): readonly MessageOf<'sketch-request'>[] {
    const messages = question.turns === 0 ? 1 : MESSAGES_PER_TURN
    const count = Math.min(question.count, messages * this.#maxSymbols)
    const pieces: Piece[] = []
    for (let at = 0; at === 0 || at < count; at += this.#maxSymbols) {
      const size = Math.min(this.#maxSymbols, count - at)
      pieces.push({
        first: question.first + at,
        count: size,
        symbols: undefined,
        isRepeated: false
      })
    }
    // Field by field: object spread took a tenth of the time of an idle node.
    const exchange: Exchange = {
      first: question.first,
      count,
      byList: question.byList,
      symbols: question.symbols,
      theirs: question.theirs,
      turns: question.turns,
      pieces,
      ours: ours.fingerprint,
      mark: ours.mark,
      requestedAtMs: nowMs,
      lapsesAtMs: nowMs,
      answers: 0,
      timeouts: 0
    }
    setBounded(this.#ofPeers, to, exchange, MAX_OPEN)
    return this.#send(nowMs, exchange, ours)
  }

  /** Repeats requests that timed out. `unanswered` are the peers whose exchange was given up after too many timeouts. */
  again(nowMs: number, ours: (peer: Address) => Ours): { requests: Send[]; unanswered: Address[] } {
    const requests: Send[] = []
    const unanswered: Address[] = []
    for (const [to, exchange] of this.#ofPeers) {
      if (nowMs < exchange.lapsesAtMs) continue
      if (exchange.answers === 0) this.#roundTrip.lapsed()
      exchange.timeouts = exchange.answers === 0 ? exchange.timeouts + 1 : 1
      if (exchange.timeouts < (exchange.turns === 0 ? FIRST_TIMEOUTS : LATER_TIMEOUTS)) {
        for (const message of this.#send(nowMs, exchange, ours(to)))
          requests.push({ kind: 'send', to, message })
      } else {
        this.#ofPeers.delete(to)
        unanswered.push(to)
      }
    }
    return { requests, unanswered }
  }

  /**
   * Returns the exchange and piece to which an answer with symbols from `first` on belongs; `undefined` if unrequested or
   * late.
   */
  answered(
    nowMs: number,
    from: Address,
    first: number
  ): { exchange: Exchange; piece: Piece } | undefined {
    const exchange = this.#ofPeers.get(from)
    const piece = exchange?.pieces.find((each) => each.first === first && !each.symbols)
    if (exchange === undefined || piece === undefined) return undefined
    if (nowMs >= exchange.requestedAtMs + this.#timeoutMs) return undefined
    // An answer to a repeated request may belong to any of the requests (Karn and Partridge 1987).
    if (!piece.isRepeated) this.#roundTrip.answered(nowMs - exchange.requestedAtMs)
    else this.#roundTrip.arrived()
    exchange.answers++
    // All pieces were requested at once, so one that does not arrive soon after the others is lost.
    exchange.lapsesAtMs =
      nowMs + Math.max(LEAST_LAG_MS, LAG_TIMES * (nowMs - exchange.requestedAtMs))
    return { exchange, piece }
  }

  /** Stores the symbols of a piece. Once no piece is missing, returns all symbols, with those of earlier turns. */
  put(
    from: Address,
    { pieces, symbols }: Exchange,
    piece: Piece,
    received: Uint8Array
  ): Uint8Array | undefined {
    piece.symbols = received
    if (pieces.some((each) => each.symbols === undefined)) return undefined
    this.#ofPeers.delete(from)
    return joined([symbols, ...pieces.map((each) => each.symbols!)])
  }

  #send(
    nowMs: number,
    exchange: Exchange,
    { fingerprint, mark }: Ours
  ): readonly MessageOf<'sketch-request'>[] {
    exchange.ours = fingerprint
    exchange.mark = mark
    exchange.requestedAtMs = nowMs
    exchange.answers = 0
    exchange.lapsesAtMs = nowMs + this.#roundTrip.timeoutMs
    return exchange.pieces.flatMap((piece): MessageOf<'sketch-request'>[] => {
      if (piece.symbols !== undefined) return []
      piece.isRepeated = exchange.timeouts > 0
      return [{ kind: 'sketch-request', fingerprint, first: piece.first, count: piece.count }]
    })
  }
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(blocks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const block of blocks) {
    bytes.set(block, at)
    at += block.length
  }
  return bytes
}
