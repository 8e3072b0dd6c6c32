/** Catches the errors that a receiver throws, so that they affect only the current message. */

import {
  toGossipError,
  type Address,
  type GossipError,
  type Receiver
} from '@rumormill/protocol/plugin'
import { Bursts } from './bursts.ts'

/** Forwards every call to a receiver, and reports what the receiver throws to its `fail`. */
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
      // An error of `fail` itself cannot be reported anywhere.
    }
  }

  /** Reports an error that unauthenticated peers can cause at any rate: one a second per code, with a count. */
  trouble(error: GossipError, nowMs: number): void {
    const reported = this.#bursts.first(error, nowMs)
    if (reported !== undefined) this.fail(reported)
  }

  /** Reports the counts of the errors that {@link trouble} held back. Must be called at least about once a second. */
  tellBursts(nowMs: number): void {
    for (const error of this.#bursts.over(nowMs)) this.fail(error)
  }

  #threw(error: unknown): void {
    this.fail(toGossipError(error, 'TRANSPORT_FAILED', 'the receiver threw'))
  }
}
