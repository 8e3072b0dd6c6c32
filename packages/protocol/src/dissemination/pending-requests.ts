/**
 * What was asked for and is awaited: the only contents that are accepted.
 *
 * Each digest is asked of one peer at a time. A peer has at most one request open; what else it has offered waits for the
 * answer, so that a long catch-up comes in batches at the pace of both sides. When a peer does not deliver, what it owed
 * is asked of the next that offered the same. All is bounded; nothing else is kept of an offer.
 */
import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'

/** How many other peers that offered the same digest are remembered. A guess: three in a row seldom fail at once. */
const MAX_ALTERNATES = 3

interface Wanted {
  readonly digestBytes: Uint8Array
  from: Address
  readonly alternates: Address[]
}

/** What is wanted of one peer. A digest is in one of the sets of one peer. */
interface PeerRequests {
  /** In the open request. */
  readonly asked: Set<DigestKey>
  /** For the next one. */
  readonly queued: Set<DigestKey>
  /** When the open request lapses; `undefined` when none is open. */
  lapsesAtMs: number | undefined
  /** Until when a late answer is still read: a slow link must not lose what it paid for. */
  readUntilMs: number
}

export interface PendingRequestLimits {
  readonly maxRequests: number
  readonly maxRequestsPerPeer: number
  readonly timeoutMs: number
}

export class PendingRequests {
  readonly #limits: PendingRequestLimits
  readonly #wanted = new Map<DigestKey, Wanted>()
  readonly #peers = new Map<Address, PeerRequests>()

  constructor(limits: PendingRequestLimits) {
    this.#limits = limits
  }

  /** Digests wanted, asked for or queued. */
  get size(): number {
    return this.#wanted.size
  }

  /** When the first open request lapses; Infinity when none is open. */
  get dueMs(): number {
    let dueMs = Infinity
    for (const { lapsesAtMs } of this.#peers.values()) dueMs = Math.min(dueMs, lapsesAtMs ?? Infinity)
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

  /** Wants a digest of `from`, for the next request to it. Keeps `digestBytes`. */
  want(key: DigestKey, digestBytes: Uint8Array, from: Address): void {
    this.#wanted.set(key, { digestBytes, from, alternates: [] })
    this.#of(from).queued.add(key)
  }

  /** `from` offers a digest that is wanted already. */
  alsoOffered(key: DigestKey, from: Address): void {
    const wanted = this.#wanted.get(key)!
    if (wanted.from === from || wanted.alternates.length >= MAX_ALTERNATES || wanted.alternates.includes(from)) return
    wanted.alternates.push(from)
  }

  /** Opens the next request to `to`, unless one is open or nothing is wanted of it: the digests to name. */
  open(to: Address, nowMs: number): Uint8Array[] {
    const peer = this.#peers.get(to)
    if (peer === undefined || peer.lapsesAtMs !== undefined || peer.asked.size + peer.queued.size === 0) return []
    for (const key of peer.queued) peer.asked.add(key)
    peer.queued.clear()
    peer.lapsesAtMs = nowMs + this.#limits.timeoutMs
    peer.readUntilMs = peer.lapsesAtMs + this.#limits.timeoutMs
    return [...peer.asked].map((key) => this.#wanted.get(key)!.digestBytes)
  }

  /** Whether `from` was asked for contents not long ago. */
  mayAnswer(from: Address): boolean {
    return this.#peers.has(from)
  }

  /** A content arrived: whether it was wanted, from whomever; it is no longer. */
  take(key: DigestKey): boolean {
    const wanted = this.#wanted.get(key)
    if (wanted === undefined) return false
    this.#wanted.delete(key)
    const peer = this.#peers.get(wanted.from)!
    peer.asked.delete(key)
    peer.queued.delete(key)
    return true
  }

  /** `from` answered its open request, if it has one, `usefully` or with nothing. Returns the digests given up for good. */
  answered(from: Address, usefully: boolean): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)
    if (peer?.lapsesAtMs === undefined) return { affected: [], lost: 0 }
    peer.lapsesAtMs = undefined
    // An answer that brings nothing says that the rest is not there either.
    return usefully ? { affected: [from], lost: 0 } : this.#reassign(from, [...peer.asked])
  }

  /** `from` cannot be reached: others are asked for all that it owed. */
  failed(from: Address): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)
    if (peer === undefined) return { affected: [], lost: 0 }
    const result = this.#reassign(from, [...peer.asked, ...peer.queued])
    this.#peers.delete(from)
    return result
  }

  /** The peers whose open request has lapsed. Also forgets those whose late answer is no longer read. */
  lapsed(nowMs: number): Address[] {
    const lapsed: Address[] = []
    for (const [address, peer] of this.#peers) {
      if (peer.lapsesAtMs !== undefined && peer.lapsesAtMs <= nowMs) lapsed.push(address)
      else if (peer.lapsesAtMs === undefined && peer.asked.size + peer.queued.size === 0 && peer.readUntilMs <= nowMs) {
        this.#peers.delete(address)
      }
    }
    return lapsed
  }

  /** The open request to `from` has lapsed: others are asked for all that it owed. */
  lapse(from: Address): { affected: Address[]; lost: number } {
    const peer = this.#peers.get(from)!
    peer.lapsesAtMs = undefined
    return this.#reassign(from, [...peer.asked, ...peer.queued])
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
        this.#wanted.delete(key)
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
      peer = { asked: new Set(), queued: new Set(), lapsesAtMs: undefined, readUntilMs: 0 }
      this.#peers.set(address, peer)
    }
    return peer
  }
}
