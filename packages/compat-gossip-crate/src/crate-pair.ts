/** A transport and a codec that belong together: what the sender of a message is stands inside it. */
import { GossipError, toGossipError, type Address, type Codec, type Receiver, type Transport } from '@rumormill/protocol'
import { isSameHost, parseAddress } from './address.ts'
import { dial } from './dial.ts'
import { Listener } from './listener.ts'
import { malformed } from './malformed.ts'
import { limitsOf, type CrateOptions } from './options.ts'
import { fromCrate, toCrate, UNKNOWN_TO_THE_CRATE, type Envelope } from './wire.ts'

/** A member of a group of the crate: give both to one `createGossip`, with `preset: 'reference'`. */
export interface CratePair {
  readonly transport: Transport
  readonly codec: Codec
}

/** One byte of content takes up to two, a digest 68 where others count 64, and a short content 70 where others count 17. */
const GROWTH = 5
const FRAME_BYTES = 512

/** Throws INVALID_CONFIG for options out of range. */
export function gossipCrate(options: CrateOptions = {}): CratePair {
  const limits = limitsOf(options)
  const { host = '127.0.0.1', trustSender = false } = options
  if (parseAddress(`${host.includes(':') ? `[${host}]` : host}:1`) === undefined) {
    throw new GossipError('INVALID_CONFIG', `host must be an IP address, not ${host}`)
  }
  /** Messages on their way from the transport to the codec: both must read them, and reading is dear. */
  const read = new WeakMap<Uint8Array, Envelope>()
  const stopping = new AbortController()
  let self: Address | undefined
  let listener: Listener | undefined

  const receive = (receiver: Receiver, bytes: Uint8Array, from: string): void => {
    try {
      const envelope = fromCrate(bytes, limits.maxDigests)
      if (envelope === undefined) return
      const sender = parseAddress(envelope.sender)
      if (sender === undefined) throw new GossipError('INVALID_ADDRESS', `${from} names a sender that is not IP:PORT`)
      if (!trustSender && !isSameHost(sender.host, from)) {
        throw new GossipError('INVALID_ADDRESS', `${from} names ${envelope.sender} as its sender, another host (trustSender)`)
      }
      read.set(bytes, envelope)
      receiver.receive(envelope.sender, bytes)
    } catch (error) {
      receiver.fail(toGossipError(error, 'TRANSPORT_FAILED', `a message from ${from}`))
    }
  }

  const transport: Transport = {
    maxMessageBytes: limits.maxMessageBytes,
    async start(receiver) {
      if (listener !== undefined || stopping.signal.aborted) throw new GossipError('ALREADY_STARTED', 'a transport starts once')
      listener = new Listener(limits, (bytes, from) => receive(receiver, bytes, from), (error) => receiver.fail(error))
      self = await listener.start(host, stopping.signal)
      return self
    },
    send: async (to, bytes, { signal }) => {
      if (self === undefined || stopping.signal.aborted) throw new GossipError('NOT_RUNNING', 'this transport is not running')
      return dial(to, bytes, limits, AbortSignal.any([signal, stopping.signal]))
    },
    async stop() {
      stopping.abort(new GossipError('NOT_RUNNING', 'this transport has stopped'))
      await listener?.stop()
    }
  }

  const codec: Codec = {
    name: 'gossip-crate',
    lacks: UNKNOWN_TO_THE_CRATE,
    contentLimit: (maxMessageBytes) => Math.max(0, Math.floor((maxMessageBytes - FRAME_BYTES) / GROWTH)),
    encode: (message) => {
      if (self === undefined) throw new GossipError('NOT_RUNNING', 'this codec sends for its own transport, once that has started')
      return toCrate(self, message)
    },
    decode: (bytes) => {
      const envelope = read.get(bytes) ?? fromCrate(bytes, limits.maxDigests)
      if (envelope === undefined) throw malformed('a no-op')
      return envelope.message
    }
  }
  return { transport, codec }
}
