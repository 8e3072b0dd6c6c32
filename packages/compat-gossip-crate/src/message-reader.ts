/** Reads the messages of connections, refuses senders on other hosts, and delivers the rest to the receiver. */

import { GossipError, toGossipError, type Receiver } from '@rumormill/protocol/plugin'
import { isSameHost, parseAddress } from './address.ts'
import type { Envelopes } from './crate-codec.ts'
import type { Limits } from './options.ts'
import type { Refusals } from './stats.ts'
import { fromCrate, type Envelope } from './wire.ts'

export class MessageReader {
  /** Decoded messages by their bytes: the transport and the codec both need them, and decoding is expensive. */
  readonly envelopes: Envelopes = new WeakMap()
  readonly #limits: Pick<Limits, 'maxDigests'>
  readonly #refused: Refusals
  readonly #trustSender: boolean

  /** With `trustSender` the sender in a message may be on another host than the one it came from. */
  constructor(limits: Pick<Limits, 'maxDigests'>, refused: Refusals, trustSender: boolean) {
    this.#limits = limits
    this.#refused = refused
    this.#trustSender = trustSender
  }

  /** Reads a message from the host `from`. */
  read(receiver: Receiver, bytes: Uint8Array, from: string): void {
    try {
      const envelope = fromCrate(bytes, this.#limits.maxDigests)
      if (envelope === undefined) return
      this.#checkSender(envelope, from)
      this.envelopes.set(bytes, envelope)
      receiver.receive(envelope.sender, bytes)
    } catch (error) {
      const failure = toGossipError(error, 'TRANSPORT_FAILED', `a message from ${from}`)
      if (failure.code === 'MALFORMED_MESSAGE') this.#refused.malformed++
      if (failure.code === 'INVALID_ADDRESS') this.#refused['sender-refused']++
      receiver.fail(failure)
    }
  }

  #checkSender(envelope: Envelope, from: string): void {
    const sender = parseAddress(envelope.sender)
    if (sender === undefined)
      throw new GossipError('INVALID_ADDRESS', `${from} names a sender that is not IP:PORT`)
    if (this.#trustSender || isSameHost(sender.host, from)) return
    throw new GossipError(
      'INVALID_ADDRESS',
      `${from} names ${envelope.sender} as its sender, another host (trustSender)`
    )
  }
}
