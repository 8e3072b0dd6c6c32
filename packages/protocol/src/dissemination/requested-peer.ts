/**
 * One peer of which contents are requested: what is open, what waits, how long it takes to answer, and how much may be
 * wanted of it at once. That grows with what it has served, so that those who only offer have little.
 */

import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'
import { PathEstimate } from './path-estimate.ts'

/** How many contents are wanted at once of a peer that has served nothing yet, and the least of any. Guesses. */
const STRANGER_SHARE = 8
const LEAST_SHARE = 2

/** Each content served makes the share larger by so much: a newcomer's first peer has the largest after three answers. */
const SHARE_PER_CONTENT = 4

/** A request that lapses leaves so much of the share; less to those that have served nothing. */
const LAPSED_SHARE = 3 / 4
const LAPSED_STRANGER_SHARE = 1 / 2

/** A peer that answers so many requests in a row, over so many timeouts, with nothing of what it offered is distrusted. */
const LACKING_ANSWERS = 3
const LACKING_TIMEOUTS = 1.5
const DISTRUST_TIMEOUTS = 10

/** For so many timeouts a peer that was asked may still answer; a link that slow must not lose what it paid for. */
const READ_TIMEOUTS = 20

/** And at least so long: a timeout that was set too short is no fault of the peer's. */
const LEAST_READ_MS = 60_000

/** The longest that a request stays open while its peer sends other contents, in timeouts. */
const MAX_SENDING_TIMEOUTS = 4

/** A tick this late was kept waiting by this process: the answer may wait, too. Requests are then open a little longer. */
const LATE_TICK_MS = 100
const EXTENSION_MS = 250

/** How many requests that lapsed are remembered, to learn from late answers; as doubling timeouts reach the longest. */
const MAX_LAPSED = 4

interface Request {
  /** What the request named and the peer has not brought. */
  readonly keys: Set<DigestKey>
  readonly openedAtMs: number
}

interface OpenRequest extends Request {
  readonly expectedBytes: number
  lapsesAtMs: number
  isExtended: boolean
}

/** Contents that a peer sent when it was asked. */
export interface Answer {
  readonly contents: number
  readonly bytes: number
  /** Whether one of them was wanted, from whomever. */
  readonly isUseful: boolean
  /** Whether one of them was neither wanted nor known. */
  readonly isForged: boolean
}

export interface RequestedPeerLimits {
  readonly maxRequestsPerPeer: number
  readonly timeoutMs: number
}

export class RequestedPeer {
  readonly address: Address
  /** In the open request and still wanted of this peer. */
  readonly requested: Set<DigestKey> = new Set()
  /** For the next request. */
  readonly queued: Set<DigestKey> = new Set()
  readonly #limits: RequestedPeerLimits
  readonly #path: PathEstimate
  #open: OpenRequest | undefined
  /** Requests that lapsed and may still be answered, the oldest first. */
  #lapsed: Request[] = []
  /** What the answer at hand has brought of the open request, how much of that no other had named, and of lapsed ones. */
  #broughtOfOpen = 0
  #broughtOnce = 0
  #broughtLate: Request | undefined
  #share: number
  #hasServed = false
  /** Requests in a row that lapsed. */
  #lapses = 0
  /** Answers in a row that brought nothing, and when the first of them came. */
  #lacking = 0
  #lackingSinceMs = 0
  #distrustedUntilMs = 0
  #readUntilMs = 0

  constructor(address: Address, limits: RequestedPeerLimits) {
    this.address = address
    this.#limits = limits
    this.#path = new PathEstimate(limits.timeoutMs)
    this.#share = strangerShare(limits)
  }

  /** How many contents are wanted of it. */
  get wanted(): number {
    return this.requested.size + this.queued.size
  }

  get freeSlots(): number {
    return this.#share - this.wanted
  }

  /** How many offers beyond its share may be noted: none of a peer that was only silent, or lied. */
  unwantedShare(nowMs: number): number {
    if ((!this.#hasServed && this.#lapses > 0) || this.distrusted(nowMs)) return 0
    return this.#limits.maxRequestsPerPeer - Math.max(this.wanted, this.#share)
  }

  get hasServed(): boolean {
    return this.#hasServed
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  get isIdle(): boolean {
    return this.#open === undefined && this.wanted === 0
  }

  /** Requests in a row that lapsed. */
  get lapses(): number {
    return this.#lapses
  }

  /** When the open request lapses. */
  get lapsesAtMs(): number {
    return this.#open?.lapsesAtMs ?? Infinity
  }

  distrusted(nowMs: number): boolean {
    return this.#distrustedUntilMs > nowMs
  }

  mayAnswer(nowMs: number): boolean {
    return this.#readUntilMs > nowMs
  }

  /** Opens a request for what is `requested`, of which an answer of `expectedBytes` may come. */
  open(nowMs: number, expectedBytes: number): void {
    this.#open = {
      keys: new Set(this.requested),
      openedAtMs: nowMs,
      expectedBytes,
      lapsesAtMs: nowMs + this.#path.timeoutMs(expectedBytes),
      isExtended: false
    }
    this.#readUntilMs = nowMs + Math.max(LEAST_READ_MS, READ_TIMEOUTS * this.#limits.timeoutMs)
  }

  /** The open request is over, and nothing is learnt from it. */
  close(): void {
    this.#open = undefined
  }

  /** The answer at hand brings a content: notes which request asked for it. */
  brings(key: DigestKey): void {
    let late: Request | undefined
    for (const request of this.#lapsed) if (request.keys.delete(key)) late ??= request
    if (this.#open?.keys.delete(key) === true) {
      this.#broughtOfOpen++
      if (late === undefined) this.#broughtOnce++
    } else if (late !== undefined) this.#broughtLate ??= late
  }

  /** Contents that it was asked for, or that were new here: a larger share. */
  served(contents: number): void {
    this.#hasServed = true
    this.#lapses = 0
    this.#lacking = 0
    this.#share = Math.min(
      this.#limits.maxRequestsPerPeer,
      this.#share + SHARE_PER_CONTENT * contents
    )
  }

  /**
   * The answer at hand is complete, `bytes` in all. Returns whether it is to the open request, which is then over, or to one
   * that had lapsed; `undefined` when it brought nothing that either named.
   */
  answered(nowMs: number, bytes: number): 'open' | 'lapsed' | undefined {
    const [ofOpen, once, late] = [this.#broughtOfOpen, this.#broughtOnce, this.#broughtLate]
    this.#broughtOfOpen = 0
    this.#broughtOnce = 0
    this.#broughtLate = undefined
    // What brings all that is left of a lapsed request, and nothing that the open one alone named, answers the former. The
    // open one goes on: to ask once more for what is on its way would make all of it come twice.
    const lapsed = this.#lapsed.filter(({ keys }) => keys.size > 0)
    const isLate = once === 0 && lapsed.length < this.#lapsed.length
    this.#lapsed = lapsed
    if (ofOpen > 0 && isLate && this.#open!.keys.size > 0) return 'lapsed'
    if (ofOpen > 0) {
      // Of what both named, nobody can say which request it answers.
      if (once > 0) {
        this.#path.answered(nowMs - this.#open!.openedAtMs, bytes, false)
        this.#lapsed = []
      }
      this.#open = undefined
      return 'open'
    }
    if (late === undefined) return undefined
    this.#path.answered(nowMs - late.openedAtMs, bytes, true)
    this.#lapsed = this.#lapsed.filter((request) => request !== late)
    return 'lapsed'
  }

  /** It sends, though not what the open request asked for: that may be next. */
  sends(nowMs: number): void {
    const open = this.#open
    if (open === undefined) return
    const longestMs = open.openedAtMs + MAX_SENDING_TIMEOUTS * this.#limits.timeoutMs
    const lapsesAtMs = nowMs + this.#path.timeoutMs(open.expectedBytes)
    open.lapsesAtMs = Math.max(open.lapsesAtMs, Math.min(lapsesAtMs, longestMs))
  }

  /**
   * A part of a message has come. A slow path may stand still for a while, and it may be a long one, but not forever:
   * others have what was asked for, too.
   */
  arrives(nowMs: number): void {
    const open = this.#open
    if (open === undefined) return
    const longestMs = open.openedAtMs + LEAST_READ_MS
    open.lapsesAtMs = Math.max(open.lapsesAtMs, Math.min(nowMs + this.#limits.timeoutMs, longestMs))
  }

  /** The open request was answered with nothing that it asked for. Says something only if it is sure to be its answer. */
  lacked(nowMs: number, isForged: boolean): void {
    const tripMs = nowMs - (this.#open?.openedAtMs ?? nowMs)
    this.#open = undefined
    if (this.#lapsed.length > 0 && !isForged) return
    // On so long a way, what it offered may have ended there before it was asked.
    if (tripMs >= this.#limits.timeoutMs && !isForged) return
    if (++this.#lacking === 1) this.#lackingSinceMs = nowMs
    const isLong = nowMs - this.#lackingSinceMs >= LACKING_TIMEOUTS * this.#limits.timeoutMs
    if (this.#lacking < LACKING_ANSWERS || !isLong) return
    this.#lacking = 0
    this.#share = Math.min(this.#share, LEAST_SHARE)
    this.#distrustedUntilMs = nowMs + DISTRUST_TIMEOUTS * this.#limits.timeoutMs
  }

  /** Whether the open request has lapsed. One that is found so late that this process must have been busy is extended once. */
  hasLapsed(nowMs: number): boolean {
    const open = this.#open!
    if (open.lapsesAtMs > nowMs) return false
    if (open.isExtended || nowMs - open.lapsesAtMs <= LATE_TICK_MS) return true
    open.isExtended = true
    open.lapsesAtMs = nowMs + EXTENSION_MS
    return false
  }

  /** The open request was not answered in time. */
  lapse(): void {
    const { keys, openedAtMs } = this.#open!
    this.#lapsed.push({ keys, openedAtMs })
    if (this.#lapsed.length > MAX_LAPSED) this.#lapsed.shift()
    this.#open = undefined
    this.#lapses++
    this.#path.lapsed()
    const left = this.#hasServed ? LAPSED_SHARE : LAPSED_STRANGER_SHARE
    this.#share = Math.max(
      Math.min(LEAST_SHARE, this.#limits.maxRequestsPerPeer),
      Math.floor(this.#share * left)
    )
  }
}

/** How many contents may be wanted of a peer of which nothing is known. */
export function strangerShare({ maxRequestsPerPeer }: RequestedPeerLimits): number {
  return Math.min(STRANGER_SHARE, maxRequestsPerPeer)
}
