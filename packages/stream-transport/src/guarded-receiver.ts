/** A receiver that throws harms nothing but the message at hand. */

import { toGossipError, type Address, type Receiver } from '@rumormill/protocol'

/** Passes everything on. What they throw is reported by `fail`. */
export class GuardedReceiver implements Receiver {
  readonly #receiver: Receiver

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

  #threw(error: unknown): void {
    this.fail(toGossipError(error, 'TRANSPORT_FAILED', 'the receiver threw'))
  }
}
