/** Exchanges of sketches that this node has opened, and what was asked for in them until it has come. */

import type { Send, SketchRequest } from '../message.ts'
import type { Address } from '../peer.ts'
import { RoundTrip } from './round-trip.ts'

/** How many may be open; the one that has waited longest is given up first. */
const MAX_OPEN = 64

/**
 * How many messages of symbols one turn may ask for, where messages hold few: the fewer turns, the more likely it is that the
 * set there stays the same meanwhile. The first turn asks for one: mostly it shows that the sets are the same.
 */
const MESSAGES_PER_TURN = 32

/** After how many times of waiting in vain an exchange is given up: in its first turn, and when the peer has answered before. */
const FIRST_SILENCES = 3
const LATER_SILENCES = 8

/** Of messages that were asked for at once, how much later than the last one that has come another may come. */
const LAG_TIMES = 2
const LEAST_LAG_MS = 20

/** The symbols that one message asks for. */
export interface Piece {
  readonly first: number
  readonly count: number
  /** `undefined` until they have come. */
  symbols: Uint8Array | undefined
  /** Whether they were asked for more than once. */
  isRepeated: boolean
}

/** What one turn of an exchange asks for. */
export interface Question {
  /** So many symbols from that one on; none for a comparison of fingerprints only. */
  readonly first: number
  readonly count: number
  /** Whether a list is to follow, instead of symbols, should the fingerprints differ. */
  readonly byList: boolean
  /** The symbols of earlier turns, and whose set they are of. */
  readonly symbols: Uint8Array
  readonly theirs: Uint8Array | undefined
  /** How many turns there were. */
  readonly turns: number
}

/** The set of this node when it asks. */
export interface Ours {
  readonly fingerprint: Uint8Array
  /** That of `Unacknowledged`: which of our updates the fingerprint covers. */
  readonly mark: number
}

/** An exchange that this node has opened. */
export interface Exchange extends Omit<Question, 'theirs'> {
  readonly pieces: Piece[]
  /** The fingerprint that we sent last, and what it covers. */
  ours: Uint8Array
  mark: number
  /** That of the peer: all symbols are of one set. */
  theirs: Uint8Array | undefined
  askedAtMs: number
  /** When those that have not come are asked for again. */
  lapsesAtMs: number
  /** How many answers have come since, and how often in a row it has lapsed without any. */
  answers: number
  silences: number
}

export class OpenExchanges {
  readonly #maxSymbols: number
  readonly #timeoutMs: number
  readonly #roundTrip: RoundTrip
  readonly #ofPeers = new Map<Address, Exchange>()

  /** A message holds `maxSymbols`; an answer counts for `timeoutMs`. */
  constructor(maxSymbols: number, timeoutMs: number) {
    this.#maxSymbols = Math.max(1, maxSymbols)
    this.#timeoutMs = timeoutMs
    this.#roundTrip = new RoundTrip(timeoutMs)
  }

  get size(): number {
    return this.#ofPeers.size
  }

  /** When the first of them lapses; Infinity when none is open. */
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

  /** Asks `to` for symbols, as many as the messages of one turn hold; of our set `ours`. */
  ask(to: Address, nowMs: number, question: Question, ours: Ours): readonly SketchRequest[] {
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
    // Field by field: spreading into it took a tenth of what a node at rest does.
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
      askedAtMs: nowMs,
      lapsesAtMs: nowMs,
      answers: 0,
      silences: 0
    }
    this.#set(to, exchange)
    return this.#send(nowMs, exchange, ours)
  }

  /** Asks again for what has not come in time. Of `silent` peers nothing has come, however often they were asked. */
  again(nowMs: number, ours: (peer: Address) => Ours): { requests: Send[]; silent: Address[] } {
    const requests: Send[] = []
    const silent: Address[] = []
    for (const [to, exchange] of this.#ofPeers) {
      if (nowMs < exchange.lapsesAtMs) continue
      if (exchange.answers === 0) this.#roundTrip.lapsed()
      exchange.silences = exchange.answers === 0 ? exchange.silences + 1 : 1
      if (exchange.silences < (exchange.turns === 0 ? FIRST_SILENCES : LATER_SILENCES)) {
        for (const message of this.#send(nowMs, exchange, ours(to)))
          requests.push({ kind: 'send', to, message })
      } else {
        this.#ofPeers.delete(to)
        silent.push(to)
      }
    }
    return { requests, silent }
  }

  /** What `from` answers with symbols from `first` on; `undefined` when it was not asked, or too long ago. */
  answered(
    nowMs: number,
    from: Address,
    first: number
  ): { exchange: Exchange; piece: Piece } | undefined {
    const exchange = this.#ofPeers.get(from)
    const piece = exchange?.pieces.find((each) => each.first === first && !each.symbols)
    if (exchange === undefined || piece === undefined) return undefined
    if (nowMs >= exchange.askedAtMs + this.#timeoutMs) return undefined
    // Which of several requests it answers is not known (Karn and Partridge 1987).
    if (!piece.isRepeated) this.#roundTrip.answered(nowMs - exchange.askedAtMs)
    else this.#roundTrip.arrived()
    exchange.answers++
    // All were asked for at once, so what does not come soon after the others is lost.
    exchange.lapsesAtMs = nowMs + Math.max(LEAST_LAG_MS, LAG_TIMES * (nowMs - exchange.askedAtMs))
    return { exchange, piece }
  }

  /** Keeps the symbols of a piece; returns all symbols, with those of earlier turns, once no piece is missing. */
  put(
    from: Address,
    { pieces, symbols }: Exchange,
    piece: Piece,
    come: Uint8Array
  ): Uint8Array | undefined {
    piece.symbols = come
    if (pieces.some((each) => each.symbols === undefined)) return undefined
    this.#ofPeers.delete(from)
    return joined([symbols, ...pieces.map((each) => each.symbols!)])
  }

  #set(peer: Address, exchange: Exchange): void {
    this.#ofPeers.delete(peer)
    this.#ofPeers.set(peer, exchange)
    if (this.#ofPeers.size > MAX_OPEN) this.#ofPeers.delete(this.#ofPeers.keys().next().value!)
  }

  #send(nowMs: number, exchange: Exchange, { fingerprint, mark }: Ours): readonly SketchRequest[] {
    exchange.ours = fingerprint
    exchange.mark = mark
    exchange.askedAtMs = nowMs
    exchange.answers = 0
    exchange.lapsesAtMs = nowMs + this.#roundTrip.timeoutMs
    return exchange.pieces.flatMap((piece): SketchRequest[] => {
      if (piece.symbols !== undefined) return []
      piece.isRepeated = exchange.silences > 0
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
