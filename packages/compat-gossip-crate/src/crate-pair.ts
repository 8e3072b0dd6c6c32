/** A transport and a codec that belong together, because the messages of the crate contain their sender. */

import { GossipError, type Address, type Codec, type Transport } from '@rumormill/protocol/plugin'
import { parseAddress } from './address.ts'
import { crateCodec } from './crate-codec.ts'
import { Listener } from './listener.ts'
import { MessageReader } from './message-reader.ts'
import { limitsOf, type CrateOptions } from './options.ts'
import { Outbound } from './outbound.ts'
import { noRefusals, type CrateStats } from './stats.ts'

/** A transport with the protocol of the crate, with statistics. */
export interface CrateTransport extends Transport {
  /** Returns what it holds now, and how often each limit was reached since it was created. */
  stats(): CrateStats
}

/** The plugins of a member of a group of the crate: pass both to one `createGossip` with `preset: 'reference'`. */
export interface CratePair {
  readonly transport: CrateTransport
  readonly codec: Codec
}

/** Creates the pair. Throws INVALID_CONFIG for options out of range. */
export function gossipCrate(options: CrateOptions = {}): CratePair {
  const limits = limitsOf(options)
  const { host = '127.0.0.1', trustSender = false } = options
  if (parseAddress(`${host.includes(':') ? `[${host}]` : host}:1`) === undefined) {
    throw new GossipError('INVALID_CONFIG', `host must be an IP address, not ${host}`)
  }
  const refused = noRefusals()
  const outbound = new Outbound(limits, refused)
  const reader = new MessageReader(limits, refused, trustSender)
  let life: 'new' | 'started' | 'stopped' = 'new'
  const stopping = new AbortController()
  let self: Address | undefined
  let listener: Listener | undefined

  const transport: CrateTransport = {
    maxMessageBytes: limits.maxMessageBytes,
    async start(receiver) {
      if (life !== 'new')
        throw new GossipError('ALREADY_STARTED', 'a transport can be started only once')
      life = 'started'
      listener = new Listener(
        limits,
        refused,
        (bytes, from) => reader.read(receiver, bytes, from),
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
    // There is nothing to watch: a connection carries one message.
    watch() {},
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
  return { transport, codec: crateCodec(() => self, limits, reader.envelopes) }
}
