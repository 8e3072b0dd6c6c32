/**
 * What was asked for and is awaited: the only contents that are accepted.
 *
 * Each digest is asked of one peer at a time. A peer has at most one request open; what else it has offered waits for the
 * answer, so that a long catch-up comes in batches at the pace of both sides. When a peer does not deliver, what it owed
 * is asked of the next that offered the same. All is bounded; nothing else is kept of an offer.
 */
import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'
import { RoundTrip } from './round-trip.ts'

/** How many other peers that offered the same digest are remembered. A guess: three in a row seldom fail at once. */
const MAX_ALTERNATES = 3

/**
 * A peer that has served nothing of so many requests in a row, over so many timeouts, is not asked again for so many more.
 * Milder than being ignored: where messages are lost, an honest peer comes to it now and then.
 */
const BROKEN_PROMISES = 3
const BROKEN_TIMEOUTS = 1.5
const DISTRUST_TIMEOUTS = 10

/** For so many timeouts a peer that was asked may still answer; a link that slow must not lose what it paid for. */
const READ_TIMEOUTS = 20

/** How many peers with nothing open are remembered, and how many digests that were given up. */
const MAX_IDLE_PEERS = 1024

interface Wanted {
  from: Address
  readonly alternates: Address[]
}

/** What is wanted of one peer. A digest is in one of the sets of one peer. */
interface PeerRequests {
  /** In the open request. */
  readonly asked: Set<DigestKey>
  /** For the next one. */
  readonly queued: Set<DigestKey>
  /** Until when a late answer is still read. */
  readUntilMs: number
  /** Requests in a row of which nothing was served, and when the first of them was open. */
  broken: number
  brokenSinceMs: number
  distrustedUntilMs: number
}

export interface PendingRequestLimits {
  readonly maxRequests: number
  readonly maxRequestsPerPeer: number
  /** The longest that a request stays open. */
  readonly timeoutMs: number
}

export class PendingRequests {
  readonly #limits: PendingRequestLimits
  readonly #wanted = new Map<DigestKey, Wanted>()
  readonly #peers = new Map<Address, PeerRequests>()
  readonly #open = new Map<Address, { readonly openedAtMs: number; readonly lapsesAtMs: number }>()
  readonly #roundTrip: RoundTrip
  /** Digests that were asked for in vain, in order: their contents may still come, and are welcome. */
  readonly #givenUp = new Set<DigestKey>()

  constructor(limits: PendingRequestLimits) {
    this.#limits = limits
    this.#roundTrip = new RoundTrip(limits.timeoutMs)
  }

  /** Digests wanted, asked for or queued. */
  get size(): number {
    return this.#wanted.size
  }

  /** When the first open request lapses; Infinity when none is open. */
  get dueMs(): number {
    let dueMs = Infinity
    for (const { lapsesAtMs } of this.#open.values()) dueMs = Math.min(dueMs, lapsesAtMs)
    return dueMs
  }

  has(key: DigestKey): boolean {
    return this.#wanted.has(key)
  }

  /** Whether the limits leave room to want one more of `from`. */
  hasRoom(from: Address): boolean {
    const peer = this.#peers.get(from)
    const ofPeer = peer === undefined ? 0 : peer.asked.size + peer.queued.size
    return this.#wanted.size < this.#limits.maxRequests && ofPeer < this.#limits.maxRequestsPerPeer
  }

  /** Whether `from` has lately advertised what it did not serve. */
  distrusts(from: Address, nowMs: number): boolean {
    return (this.#peers.get(from)?.distrustedUntilMs ?? 0) > nowMs
  }

  /** Wants a digest of `from`, for the next request to it. */
  want(key: DigestKey, from: Address): void {
    this.#givenUp.delete(key)
    this.#wanted.set(key, { from, alternates: [] })
    this.#of(from).queued.add(key)
  }

  /** `from` offers a digest that is wanted already. */
  alsoOffered(key: DigestKey, from: Address): void {
    const wanted = this.#wanted.get(key)!
    if (
      wanted.from === from ||
      wanted.alternates.length >= MAX_ALTERNATES ||
      wanted.alternates.includes(from)
    )
      return
    wanted.alternates.push(from)
  }

  /** Opens the next request to `to`, unless one is open or nothing is wanted of it: the digests to name. */
  open(to: Address, nowMs: number): DigestKey[] {
    const peer = this.#peers.get(to)
    if (peer === undefined || this.#open.has(to) || owesNothing(peer)) return []
    for (const key of peer.queued) peer.asked.add(key)
    peer.queued.clear()
    this.#open.set(to, { openedAtMs: nowMs, lapsesAtMs: nowMs + this.#roundTrip.timeoutMs })
    peer.readUntilMs = nowMs + READ_TIMEOUTS * this.#limits.timeoutMs
    return [...peer.asked]
  }

  /** Whether `from` was asked for contents not long ago. */
  mayAnswer(from: Address): boolean {
    return this.#peers.has(from)
  }

  /** A content arrived: whether it was wanted, now or a while ago, from whomever; it is no longer. */
  take(key: DigestKey): boolean {
    const wanted = this.#wanted.get(key)
    if (wanted === undefined) return this.#givenUp.delete(key)
    this.#wanted.delete(key)
    const peer = this.#peers.get(wanted.from)!
    peer.asked.delete(key)
    peer.queued.delete(key)
    return true
  }

  /** `from` answered its open request, if it has one, `usefully` or with nothing. Returns the digests given up for good. */
  answered(from: Address, usefully: boolean, nowMs: number): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)
    if (peer !== undefined && usefully) peer.broken = 0
    const open = this.#open.get(from)
    if (peer === undefined || open === undefined) return { affected: [], lost: 0 }
    this.#open.delete(from)
    this.#roundTrip.answered(nowMs - open.openedAtMs)
    if (usefully) return { affected: [from], lost: 0 }
    // An answer that brings nothing says that the rest is not there either.
    this.#breakPromise(peer, nowMs)
    return this.#reassign(from, [...peer.asked])
  }

  /** `from` cannot be reached: others are asked for all that it owed. */
  failed(from: Address): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)
    if (peer === undefined) return { affected: [], lost: 0 }
    this.#open.delete(from)
    return this.#reassign(from, [...peer.asked, ...peer.queued])
  }

  /** The peers whose open request has lapsed. Also forgets those whose late answer is no longer read. */
  lapsed(nowMs: number): Address[] {
    for (const [address, peer] of this.#peers) {
      const late = peer.readUntilMs <= nowMs || this.#peers.size > MAX_IDLE_PEERS
      if (late && owesNothing(peer) && !this.#open.has(address)) this.#peers.delete(address)
    }
    return [...this.#open]
      .filter(([, { lapsesAtMs }]) => lapsesAtMs <= nowMs)
      .map(([address]) => address)
  }

  /** The open request to `from` has lapsed: others are asked for all that it owed. */
  lapse(from: Address, nowMs: number): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)!
    this.#open.delete(from)
    this.#roundTrip.lapsed()
    this.#breakPromise(peer, nowMs)
    return this.#reassign(from, [...peer.asked, ...peer.queued])
  }

  #breakPromise(peer: PeerRequests, nowMs: number): void {
    if (++peer.broken === 1) peer.brokenSinceMs = nowMs
    if (
      peer.broken < BROKEN_PROMISES ||
      nowMs - peer.brokenSinceMs < BROKEN_TIMEOUTS * this.#limits.timeoutMs
    )
      return
    peer.broken = 0
    peer.distrustedUntilMs = nowMs + DISTRUST_TIMEOUTS * this.#limits.timeoutMs
  }

  #giveUp(key: DigestKey): void {
    this.#wanted.delete(key)
    this.#givenUp.add(key)
    if (this.#givenUp.size > this.#limits.maxRequests)
      this.#givenUp.delete(this.#givenUp.keys().next().value!)
  }

  /** Moves digests from `from` to the next peer that offered each. */
  #reassign(from: Address, keys: readonly DigestKey[]): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)!
    const affected = new Set<Address>([from])
    let lost = 0
    for (const key of keys) {
      peer.asked.delete(key)
      peer.queued.delete(key)
      const wanted = this.#wanted.get(key)!
      const next = wanted.alternates.shift()
      if (next === undefined) {
        this.#giveUp(key)
        lost++
        continue
      }
      wanted.from = next
      this.#of(next).queued.add(key)
      affected.add(next)
    }
    return { affected: [...affected], lost }
  }

  #of(address: Address): PeerRequests {
    let peer = this.#peers.get(address)
    if (peer === undefined) {
      peer = {
        asked: new Set(),
        queued: new Set(),
        readUntilMs: 0,
        broken: 0,
        brokenSinceMs: 0,
        distrustedUntilMs: 0
      }
      this.#peers.set(address, peer)
    }
    return peer
  }
}

function owesNothing({ asked, queued }: PeerRequests): boolean {
  return asked.size + queued.size === 0
}
