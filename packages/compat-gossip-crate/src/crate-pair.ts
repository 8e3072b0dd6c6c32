/** A transport and a codec that belong together: what the sender of a message is stands inside it. */
import {
  GossipError,
  toGossipError,
  type Address,
  type Codec,
  type Receiver,
  type Transport
} from '@rumormill/protocol'
import { isSameHost, parseAddress } from './address.ts'
import { crateCodec, type Envelopes } from './crate-codec.ts'
import { Listener } from './listener.ts'
import { limitsOf, type CrateOptions } from './options.ts'
import { Outbound } from './outbound.ts'
import { noRefusals, type CrateStats } from './stats.ts'
import { fromCrate } from './wire.ts'

/** A transport that speaks as the crate, with what it holds and has refused. */
export interface CrateTransport extends Transport {
  /** What it holds now, and how often each limit was reached since it was made. */
  stats(): CrateStats
}

/** A member of a group of the crate: give both to one `createGossip`, with `preset: 'reference'`. */
export interface CratePair {
  readonly transport: CrateTransport
  readonly codec: Codec
}

/** Throws INVALID_CONFIG for options out of range. */
export function gossipCrate(options: CrateOptions = {}): CratePair {
  const limits = limitsOf(options)
  const { host = '127.0.0.1', trustSender = false } = options
  if (parseAddress(`${host.includes(':') ? `[${host}]` : host}:1`) === undefined) {
    throw new GossipError('INVALID_CONFIG', `host must be an IP address, not ${host}`)
  }
  const refused = noRefusals()
  const outbound = new Outbound(limits, refused)
  /** Messages on their way from the transport to the codec: both must read them, and reading is dear. */
  const envelopes: Envelopes = new WeakMap()
  let life: 'new' | 'started' | 'stopped' = 'new'
  const stopping = new AbortController()
  let self: Address | undefined
  let listener: Listener | undefined

  const receive = (receiver: Receiver, bytes: Uint8Array, from: string): void => {
    try {
      const envelope = fromCrate(bytes, limits.maxDigests)
      if (envelope === undefined) return
      const sender = parseAddress(envelope.sender)
      if (sender === undefined)
        throw new GossipError('INVALID_ADDRESS', `${from} names a sender that is not IP:PORT`)
      if (!trustSender && !isSameHost(sender.host, from)) {
        throw new GossipError(
          'INVALID_ADDRESS',
          `${from} names ${envelope.sender} as its sender, another host (trustSender)`
        )
      }
      envelopes.set(bytes, envelope)
      receiver.receive(envelope.sender, bytes)
    } catch (error) {
      const failure = toGossipError(error, 'TRANSPORT_FAILED', `a message from ${from}`)
      if (failure.code === 'MALFORMED_MESSAGE') refused.malformed++
      if (failure.code === 'INVALID_ADDRESS') refused['sender-refused']++
      receiver.fail(failure)
    }
  }

  const transport: CrateTransport = {
    maxMessageBytes: limits.maxMessageBytes,
    async start(receiver) {
      if (life !== 'new') throw new GossipError('ALREADY_STARTED', 'a transport starts once')
      life = 'started'
      listener = new Listener(
        limits,
        refused,
        (bytes, from) => receive(receiver, bytes, from),
        (error) => receiver.fail(error)
      )
      self = await listener.start(host, stopping.signal)
      return self
    },
    send: async (to, bytes, { signal }) => {
      if (self === undefined || life === 'stopped')
        throw new GossipError('NOT_RUNNING', 'this transport is not running')
      return outbound.send(to, bytes, signal)
    },
    async stop() {
      life = 'stopped'
      const reason = new GossipError('NOT_RUNNING', 'this transport has stopped')
      stopping.abort(reason)
      outbound.stop(reason)
      await listener?.stop()
    },
    stats: () => ({
      inbound: listener?.connections ?? 0,
      unfinishedBytes: listener?.unfinishedBytes ?? 0,
      outbound: outbound.connections,
      waiting: outbound.waiting,
      refused: { ...refused }
    })
  }
  return { transport, codec: crateCodec(() => self, limits, envelopes) }
}
