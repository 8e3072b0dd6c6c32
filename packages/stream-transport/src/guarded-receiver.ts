/** A receiver that throws harms nothing but the message at hand. */

import { toGossipError, type Address, type GossipError, type Receiver } from '@rumormill/protocol'
import { Bursts } from './bursts.ts'

/** Passes everything on. What they throw is reported by `fail`. */
export class GuardedReceiver implements Receiver {
  readonly #receiver: Receiver
  readonly #bursts = new Bursts()

  constructor(receiver: Receiver) {
    this.#receiver = receiver
  }

  receive(from: Address, bytes: Uint8Array, connection?: string): void {
    try {
      this.#receiver.receive(from, bytes, connection)
    } catch (error) {
      this.#threw(error)
    }
  }

  arriving(from: Address): void {
    try {
      this.#receiver.arriving?.(from)
    } catch (error) {
      this.#threw(error)
    }
  }

  lost(peer: Address, error: Error): void {
    try {
      this.#receiver.lost(peer, error)
    } catch (cause) {
      this.#threw(cause)
    }
  }

  fail(error: Error): void {
    try {
      this.#receiver.fail(error)
    } catch {
      // The receiver's own `fail` has nowhere to report to.
    }
  }

  /** As {@link fail}, for what strangers can cause at any rate: of each kind one a second, with how many there were. */
  trouble(error: GossipError, nowMs: number): void {
    const told = this.#bursts.first(error, nowMs)
    if (told !== undefined) this.fail(told)
  }

  /** Tells how many there were of what {@link trouble} held back. To be called about once a second or more often. */
  tellBursts(nowMs: number): void {
    for (const error of this.#bursts.over(nowMs)) this.fail(error)
  }

  #threw(error: unknown): void {
    this.fail(toGossipError(error, 'TRANSPORT_FAILED', 'the receiver threw'))
  }
}
