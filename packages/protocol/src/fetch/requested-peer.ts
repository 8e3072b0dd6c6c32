/**
 * The state of one peer from which contents are requested: its open request, its queue, its answer times, and its share, the
 * most contents that may be pending from it. The share grows with the contents served, so that peers that only offer have a
 * small one.
 */

import type { Address } from '../model/peer.ts'
import type { DigestKey } from '../model/update.ts'
import { PathEstimate } from './path-estimate.ts'

/** The share of a stranger, a peer that has served nothing yet, and the smallest share. Guesses. */
const STRANGER_SHARE = 8
const LEAST_SHARE = 2

/** How much each served content adds to the share: the first peer of a new node has the largest share after three answers. */
const SHARE_PER_CONTENT = 4

/** The part of the share that is left after a timeout: of a peer that has served, and of a stranger. */
const LAPSED_SHARE = 3 / 4
const LAPSED_STRANGER_SHARE = 1 / 2

/**
 * A peer is distrusted for `DISTRUST_TIMEOUTS` when it answers this many requests in a row, over this many timeouts, without any
 * content that it had offered.
 */
const LACKING_ANSWERS = 3
const LACKING_TIMEOUTS = 1.5
const DISTRUST_TIMEOUTS = 10

/** For how many timeouts after a request an answer is still read, so that a very slow link does not transfer in vain. */
const READ_TIMEOUTS = 20

/** The least time for which an answer is still read, also where `requestTimeoutMs` is too short. */
const LEAST_READ_MS = 60_000

/** The longest that a request stays open while its peer sends other contents, in timeouts. */
const MAX_SENDING_TIMEOUTS = 4

/** When a tick is this late, the process was busy, and an answer may be waiting unread. The request is then extended. */
const LATE_TICK_MS = 100
const EXTENSION_MS = 250

/** How many timed-out requests are kept to learn from late answers: as many as it takes to double to the longest timeout. */
const MAX_LAPSED = 4

interface Request {
  /** The requested digests whose contents have not arrived. */
  readonly keys: Set<DigestKey>
  readonly openedAtMs: number
}

interface OpenRequest extends Request {
  readonly expectedBytes: number
  lapsesAtMs: number
  isExtended: boolean
}

/** A summary of a content response. */
export interface Answer {
  readonly contents: number
  readonly bytes: number
  /** Whether one of them was pending from any peer. */
  readonly isUseful: boolean
  /** Whether one of them is a violation: neither pending nor present. */
  readonly isForged: boolean
}

export interface RequestedPeerLimits {
  readonly maxRequestsPerPeer: number
  readonly timeoutMs: number
}

export class RequestedPeer {
  readonly address: Address
  /** Digests that the open request names and that are still pending from this peer. */
  readonly requested: Set<DigestKey> = new Set()
  /** Digests for the next request. */
  readonly queued: Set<DigestKey> = new Set()
  readonly #limits: RequestedPeerLimits
  readonly #path: PathEstimate
  #open: OpenRequest | undefined
  /** Timed-out requests that may still be answered, oldest first. */
  #lapsed: Request[] = []
  /**
   * For the answer that is being handled: its contents of the open request, those of them that no timed-out request named,
   * and the first timed-out request with contents in it.
   */
  #broughtOfOpen = 0
  #broughtOnce = 0
  #broughtLate: Request | undefined
  #share: number
  #hasServed = false
  /** How many requests in a row have timed out. */
  #lapses = 0
  /** How many answers in a row had no requested content, and when the first of them came. */
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

  /** How many contents are pending from it. */
  get pending(): number {
    return this.requested.size + this.queued.size
  }

  get freeSlots(): number {
    return this.#share - this.pending
  }

  /** Returns how many offers beyond the share may be noted: none if the peer has only timed out so far, or is distrusted. */
  maxNotes(nowMs: number): number {
    if ((!this.#hasServed && this.#lapses > 0) || this.distrusted(nowMs)) return 0
    return this.#limits.maxRequestsPerPeer - Math.max(this.pending, this.#share)
  }

  get hasServed(): boolean {
    return this.#hasServed
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  get isIdle(): boolean {
    return this.#open === undefined && this.pending === 0
  }

  /** How many requests in a row have timed out. */
  get lapses(): number {
    return this.#lapses
  }

  /** When the open request times out. */
  get lapsesAtMs(): number {
    return this.#open?.lapsesAtMs ?? Infinity
  }

  distrusted(nowMs: number): boolean {
    return this.#distrustedUntilMs > nowMs
  }

  mayAnswer(nowMs: number): boolean {
    return this.#readUntilMs > nowMs
  }

  /** Opens a request for the `requested` digests. Its answer should have `expectedBytes`. */
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

  /** Closes the open request without learning from it. */
  close(): void {
    this.#open = undefined
  }

  /** Notes, for a content of the answer that is being handled, which requests named it. */
  brings(key: DigestKey): void {
    let late: Request | undefined
    for (const request of this.#lapsed) if (request.keys.delete(key)) late ??= request
    if (this.#open?.keys.delete(key) === true) {
      this.#broughtOfOpen++
      if (late === undefined) this.#broughtOnce++
    } else if (late !== undefined) this.#broughtLate ??= late
  }

  /** Enlarges the share for contents that were requested, or that were pushed and new here. */
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
   * Ends the handling of an answer of `bytes`. Returns whether it answers the open request, which is then closed, or a
   * timed-out one; `undefined` if it had no content that either named.
   */
  answered(nowMs: number, bytes: number): 'open' | 'lapsed' | undefined {
    const [ofOpen, once, late] = [this.#broughtOfOpen, this.#broughtOnce, this.#broughtLate]
    this.#broughtOfOpen = 0
    this.#broughtOnce = 0
    this.#broughtLate = undefined
    // An answer with all that was left of a timed-out request, and nothing that only the open one named, answers the former.
    // The open one stays open: requesting its contents again would make all of them arrive twice.
    const lapsed = this.#lapsed.filter(({ keys }) => keys.size > 0)
    const isLate = once === 0 && lapsed.length < this.#lapsed.length
    this.#lapsed = lapsed
    if (ofOpen > 0 && isLate && this.#open!.keys.size > 0) return 'lapsed'
    if (ofOpen > 0) {
      // Contents that both requests named do not show which of them is answered.
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

  /** Extends the open request while the peer sends other contents: the requested ones may be next. */
  sends(nowMs: number): void {
    const open = this.#open
    if (open === undefined) return
    const longestMs = open.openedAtMs + MAX_SENDING_TIMEOUTS * this.#limits.timeoutMs
    const lapsesAtMs = nowMs + this.#path.timeoutMs(open.expectedBytes)
    open.lapsesAtMs = Math.max(open.lapsesAtMs, Math.min(lapsesAtMs, longestMs))
  }

  /**
   * Extends the open request while parts of a message arrive, by the initial timeout after each part: a slow path may stall.
   * The extension is bounded, because other peers may have the contents.
   */
  arrives(nowMs: number): void {
    const open = this.#open
    if (open === undefined) return
    const longestMs = open.openedAtMs + LEAST_READ_MS
    open.lapsesAtMs = Math.max(open.lapsesAtMs, Math.min(nowMs + this.#limits.timeoutMs, longestMs))
  }

  /** Closes the open request after an answer without its contents. Counts against the peer only if it is surely its answer. */
  lacked(nowMs: number, isForged: boolean): void {
    const tripMs = nowMs - (this.#open?.openedAtMs ?? nowMs)
    this.#open = undefined
    if (this.#lapsed.length > 0 && !isForged) return
    // On such a slow path, the offered updates may have expired there before the request arrived.
    if (tripMs >= this.#limits.timeoutMs && !isForged) return
    if (++this.#lacking === 1) this.#lackingSinceMs = nowMs
    const isLong = nowMs - this.#lackingSinceMs >= LACKING_TIMEOUTS * this.#limits.timeoutMs
    if (this.#lacking < LACKING_ANSWERS || !isLong) return
    this.#lacking = 0
    this.#share = Math.min(this.#share, LEAST_SHARE)
    this.#distrustedUntilMs = nowMs + DISTRUST_TIMEOUTS * this.#limits.timeoutMs
  }

  /** Returns whether the open request has timed out. If this check is so late that the process was busy, extends it once. */
  hasLapsed(nowMs: number): boolean {
    const open = this.#open!
    if (open.lapsesAtMs > nowMs) return false
    if (open.isExtended || nowMs - open.lapsesAtMs <= LATE_TICK_MS) return true
    open.isExtended = true
    open.lapsesAtMs = nowMs + EXTENSION_MS
    return false
  }

  /** Closes the open request after a timeout, and reduces the share. */
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

/** Returns the share of a peer that has served nothing yet. */
export function strangerShare({ maxRequestsPerPeer }: RequestedPeerLimits): number {
  return Math.min(STRANGER_SHARE, maxRequestsPerPeer)
}
