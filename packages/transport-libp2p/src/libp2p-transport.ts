/** The libp2p transport: start, send and stop, on a libp2p node that the caller owns. */

import type { Multiaddr } from '@multiformats/multiaddr'
import {
  GossipError,
  type Address,
  type DismissalReason,
  type Receiver,
  type Transport
} from '@rumormill/protocol/plugin'
import {
  sendObjection,
  stoppedError,
  Sweep,
  type Life,
  type StreamStats
} from '@rumormill/stream-transport'
import { isDialable, isLoopback, parseAddress } from './address.ts'
import { checkOptions, type Libp2pConfig, type Libp2pTransportOptions } from './config.ts'
import { ignoreLabels, takeLabels } from './labels.ts'
import { onRefusal } from './refusals.ts'
import { TransportContext } from './transport-context.ts'

/** A snapshot of the transport. Links and bytes that are held are current amounts; everything else counts from the start. */
export interface Libp2pStats extends StreamStats {
  /** Peers with a stream to or from this node. */
  readonly links: number
  /** Streams and connections that were closed because the peer exceeded a limit or a deadline, or broke the protocol. */
  readonly refused: number
}

/** A {@link Transport} over libp2p streams: encrypted, and every sender is authenticated by its key. */
export interface Libp2pTransport extends Transport {
  stats(): Libp2pStats
}

/** Creates a transport on the caller's libp2p node, which it does not use before `start`. Throws INVALID_CONFIG. */
export function libp2pTransport(options: Libp2pTransportOptions): Libp2pTransport {
  return new Libp2pTransportMachine(checkOptions(options))
}

const SWEEP_MS = 250

/** The statistics of a transport that has not started. */
export const NOTHING: Libp2pStats = {
  links: 0,
  queuedBytes: 0,
  partialBytes: 0,
  sentMessages: 0,
  sentBytes: 0,
  receivedMessages: 0,
  receivedBytes: 0,
  refused: 0
}

class Libp2pTransportMachine implements Libp2pTransport {
  readonly maxMessageBytes: number
  readonly #config: Libp2pConfig
  #life: Life = 'new'
  #context: TransportContext | undefined
  #stopListening: () => void = () => {}
  #stopped: Promise<void> | undefined

  constructor(config: Libp2pConfig) {
    this.maxMessageBytes = config.maxMessageBytes
    this.#config = config
  }

  async start(receiver: Receiver, { protocol }: { protocol: string }): Promise<Address> {
    if (this.#life !== 'new')
      throw new GossipError('ALREADY_STARTED', 'a libp2p transport can be started only once')
    this.#life = 'starting'
    const { node, limits } = this.#config
    try {
      const self = this.#ownAddress()
      const context = new TransportContext(this.#config, protocol, self, receiver)
      await node.handle(protocol, (stream, connection) => context.admit(stream, connection), {
        maxInboundStreams: limits.inboundStreams,
        maxOutboundStreams: limits.inboundStreams,
        runOnLimitedConnection: true
      })
      await takeLabels(node, context)
      this.#context = context
      if (this.#isStopped()) {
        await ignoreLabels(node, context)
        throw stoppedError()
      }
      this.#life = 'running'
      this.#stopListening = onRefusal(node, (error) => context.refused(error))
      context.sweep = new Sweep(SWEEP_MS, (nowMs) => context.checkDeadlines(nowMs))
      return self
    } catch (error) {
      if (this.#isStopped()) await node.unhandle(protocol)
      this.#life = 'stopped'
      throw startFailed(error, protocol)
    }
  }

  /** True also without addresses of its own, because the node may be reachable by a relay. */
  get reachable(): boolean {
    const addresses = this.#config.node.getMultiaddrs()
    return this.#life === 'running' && !(addresses.length > 0 && addresses.every(isLoopback))
  }

  send(to: Address, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    // Not async: one more promise per message would cost more than the message.
    const objection = sendObjection(this.#life, bytes, this.maxMessageBytes, signal)
    if (objection !== undefined) return Promise.reject(objection)
    try {
      return this.#context!.outTo(to).send(bytes, signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  watch(peers: readonly Address[]): void {
    this.#context?.watch(peers)
  }

  dismiss(peer: Address, reason: DismissalReason): void {
    this.#context?.dismiss(peer, reason)
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  stats(): Libp2pStats {
    const context = this.#context
    return {
      ...NOTHING,
      links: context?.links ?? 0,
      queuedBytes: context?.queued.bytes ?? 0,
      partialBytes: context?.partial.bytes ?? 0,
      ...context?.counters
    }
  }

  async #close(): Promise<void> {
    const wasRunning = this.#life === 'running'
    this.#life = 'stopped'
    this.#context?.sweep?.stop()
    this.#stopListening()
    if (!wasRunning) return
    await this.#context!.close(stoppedError())
    const { node } = this.#config
    await ignoreLabels(node, this.#context!)
    await node.unhandle(this.#context!.protocol)
  }

  #isStopped(): boolean {
    return this.#stopped !== undefined
  }

  /** Returns the address of this node; only its id if it listens nowhere, as in a browser. Connected peers can use that. */
  #ownAddress(): Address {
    const { node, advertise } = this.#config
    const id = node.peerId.toString()
    if (node.status !== 'started')
      throw new GossipError('INVALID_CONFIG', 'node must be started before the transport')
    const address = advertise ?? firstForOthers(node.getMultiaddrs())?.toString() ?? `/p2p/${id}`
    if (parseAddress(address).peer !== id) {
      throw new GossipError('INVALID_CONFIG', `advertise must end in this node's own /p2p/${id}`)
    }
    return address
  }
}

function startFailed(error: unknown, protocol: string): unknown {
  if (!(error instanceof Error) || error.name !== 'DuplicateProtocolHandlerError') return error
  const message = `another transport of ${protocol} runs on this libp2p node`
  return new GossipError('ADDRESS_UNAVAILABLE', message, { cause: error })
}

/** Returns the first dialable address. For a wildcard libp2p lists loopback first, which would lead peers to themselves. */
function firstForOthers(addresses: readonly Multiaddr[]): Multiaddr | undefined {
  const dialable = addresses.filter(isDialable)
  return dialable.find((address) => !isLoopback(address)) ?? dialable[0]
}
