/** Back-off: an address that did not answer is left alone for a while, longer each time. */

import type { Address, Rng } from '@rumormill/protocol'

interface Failures {
  readonly count: number
  readonly untilMs: number
  readonly cause: Error
}

export interface BackOffOptions {
  readonly firstBackOffMs: number
  readonly longestBackOffMs: number
  readonly backOffAddresses: number
  readonly rng: Rng
}

export class BackOff {
  readonly #options: BackOffOptions
  /** Oldest failure first. */
  readonly #failures = new Map<Address, Failures>()

  constructor(options: BackOffOptions) {
    this.#options = options
  }

  /** What to wait for before `address` is tried again; undefined when it may be tried now. */
  pause(address: Address, now: number): { waitMs: number; cause: Error } | undefined {
    const failures = this.#failures.get(address)
    if (failures === undefined || now >= failures.untilMs) return undefined
    return { waitMs: Math.ceil(failures.untilMs - now), cause: failures.cause }
  }

  /** The pause is drawn from half to all of its length, so that nodes that lost one peer do not return in step. */
  failed(address: Address, now: number, cause: Error): void {
    const { firstBackOffMs, longestBackOffMs, backOffAddresses, rng } = this.#options
    const count = Math.min((this.#failures.get(address)?.count ?? 0) + 1, 32)
    const fullMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (count - 1))
    this.#failures.delete(address)
    this.#failures.set(address, {
      count,
      untilMs: now + fullMs * (0.5 + rng.fraction() / 2),
      cause
    })
    if (this.#failures.size > backOffAddresses) {
      for (const oldest of this.#failures.keys()) {
        this.#failures.delete(oldest)
        break
      }
    }
  }

  /** `address` answered, or came to us. */
  succeeded(address: Address): void {
    this.#failures.delete(address)
  }
}
