/** Entries of the view that fail: sends that the network refused, and requests that were left unanswered, each in a row. */

import type { Address } from '../peer.ts'

/** So many requests in a row without any sign of life, and a peer has left. One or two may be lost messages. */
const MAX_UNANSWERED = 3

/** They must span so long: where periods are short, a busy processor is no absence. A guess. */
const MIN_SILENCE_MS = 800

/** For so long a node from which all others seem to have gone at once takes itself for deaf, and counts nothing. A guess. */
const MAX_DEAF_MS = 5 * 60 * 1000

interface Failure {
  sends: number
  unanswered: number
  silentSinceMs: number
}

export class Failures {
  readonly #maxSends: number
  readonly #failures = new Map<Address, Failure>()
  /** Those asked in this round from which nothing has come since. */
  readonly #quiet = new Set<Address>()
  #isHeard = false
  /** Since when nothing has come from anybody. */
  #deafSinceMs: number | undefined

  /** A peer fails after `maxSends` sends in a row. */
  constructor(maxSends: number) {
    this.#maxSends = maxSends
  }

  /** The network refused a message to it. Returns whether that was one too many. */
  sendFailed(address: Address): boolean {
    return ++this.#of(address).sends >= this.#maxSends
  }

  /** It was asked something in this round. */
  asked(address: Address): void {
    this.#quiet.add(address)
  }

  /**
   * The round has passed. Returns those of the view, for which `has` holds, that left one request too many unanswered. Where
   * nothing has come from any of several `entries`, that speaks against this node: who hears nobody may still be heard.
   */
  passed(nowMs: number, entries: number, has: (address: Address) => boolean): Address[] {
    this.#deafSinceMs = this.#isHeard ? undefined : (this.#deafSinceMs ?? nowMs)
    this.#isHeard = false
    const isDeaf = this.#deafSinceMs !== undefined && nowMs - this.#deafSinceMs < MAX_DEAF_MS
    if (isDeaf && entries > 1) this.#quiet.clear()
    const silent = [...this.#quiet].filter(
      (address) => has(address) && this.#unanswered(address, nowMs)
    )
    this.#quiet.clear()
    return silent
  }

  /** Somebody who has left the last request unanswered, each in turn. */
  suspect(): Address | undefined {
    for (const [address, failure] of this.#failures) {
      if (failure.unanswered === 0) continue
      this.#failures.delete(address)
      this.#failures.set(address, failure)
      return address
    }
    return undefined
  }

  heard(address: Address): void {
    this.#isHeard = true
    this.forget(address)
  }

  /** It is none of the view any more. */
  forget(address: Address): void {
    this.#quiet.delete(address)
    this.#failures.delete(address)
  }

  /** Keeps those only for which `has` holds. */
  keepOnly(has: (address: Address) => boolean): void {
    for (const address of this.#failures.keys()) if (!has(address)) this.#failures.delete(address)
  }

  #unanswered(address: Address, nowMs: number): boolean {
    const failure = this.#of(address)
    if (failure.unanswered === 0) failure.silentSinceMs = nowMs
    failure.unanswered++
    return failure.unanswered >= MAX_UNANSWERED && nowMs - failure.silentSinceMs >= MIN_SILENCE_MS
  }

  #of(address: Address): Failure {
    let failure = this.#failures.get(address)
    if (failure === undefined) {
      failure = { sends: 0, unanswered: 0, silentSinceMs: 0 }
      this.#failures.set(address, failure)
    }
    return failure
  }
}
