/** Counts failures of view entries: failed sends in a row, and unanswered requests in a row. */

import type { Address } from '../model/peer.ts'

/** After this many unanswered requests in a row, a peer is dropped. One or two may be lost messages. */
const MAX_UNANSWERED = 3

/** The least time that these requests must span: with short periods, the peer may just be busy. A guess. */
const MIN_UNANSWERED_MS = 800

/**
 * A node that receives nothing from any peer counts no unanswered requests for this long, because the fault may be its own. A
 * guess.
 */
const MAX_ISOLATED_MS = 5 * 60 * 1000

interface Failure {
  sends: number
  unanswered: number
  unansweredSinceMs: number
}

export class Failures {
  readonly #maxSends: number
  readonly #failures = new Map<Address, Failure>()
  /** Peers that got a request in this round and have sent nothing since. */
  readonly #awaited = new Set<Address>()
  #hasReceived = false
  /** Since when no message has come from any peer. */
  #isolatedSinceMs: number | undefined

  /** `maxSends` is the number of failed sends in a row after which a peer has failed. */
  constructor(maxSends: number) {
    this.#maxSends = maxSends
  }

  /** Counts a failed send. Returns whether the peer has failed. */
  sendFailed(address: Address): boolean {
    return ++this.#of(address).sends >= this.#maxSends
  }

  /** Notes that a request was sent to a peer in this round. */
  requested(address: Address): void {
    this.#awaited.add(address)
  }

  /**
   * Ends a round. Returns the peers of the view, for which `has` holds, that have failed by unanswered requests. Counts none
   * while no message came from any of several view `entries`: the fault may be on this node's side.
   */
  passed(nowMs: number, entries: number, has: (address: Address) => boolean): Address[] {
    this.#isolatedSinceMs = this.#hasReceived ? undefined : (this.#isolatedSinceMs ?? nowMs)
    this.#hasReceived = false
    const isIsolated =
      this.#isolatedSinceMs !== undefined && nowMs - this.#isolatedSinceMs < MAX_ISOLATED_MS
    if (isIsolated && entries > 1) this.#awaited.clear()
    const failed = [...this.#awaited].filter(
      (address) => has(address) && this.#unanswered(address, nowMs)
    )
    this.#awaited.clear()
    return failed
  }

  /** Returns a peer that left its last request unanswered, if any, each in turn. */
  suspect(): Address | undefined {
    for (const [address, failure] of this.#failures) {
      if (failure.unanswered === 0) continue
      this.#failures.delete(address)
      this.#failures.set(address, failure)
      return address
    }
    return undefined
  }

  /** Notes a message of a peer, and forgets its failures. */
  noteAlive(address: Address): void {
    this.#hasReceived = true
    this.forget(address)
  }

  /** Forgets a peer that is no longer in the view. */
  forget(address: Address): void {
    this.#awaited.delete(address)
    this.#failures.delete(address)
  }

  /** Forgets all peers for which `has` does not hold. */
  keepOnly(has: (address: Address) => boolean): void {
    for (const address of this.#failures.keys()) if (!has(address)) this.#failures.delete(address)
  }

  #unanswered(address: Address, nowMs: number): boolean {
    const failure = this.#of(address)
    if (failure.unanswered === 0) failure.unansweredSinceMs = nowMs
    failure.unanswered++
    return (
      failure.unanswered >= MAX_UNANSWERED && nowMs - failure.unansweredSinceMs >= MIN_UNANSWERED_MS
    )
  }

  #of(address: Address): Failure {
    let failure = this.#failures.get(address)
    if (failure === undefined) {
      failure = { sends: 0, unanswered: 0, unansweredSinceMs: 0 }
      this.#failures.set(address, failure)
    }
    return failure
  }
}
