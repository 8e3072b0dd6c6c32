/** The TCP transport: start, send and stop. */

import { isIP } from 'node:net'
import {
  GossipError,
  MESSAGE_VERSIONS,
  type Address,
  type DismissalReason,
  type Receiver,
  type Transport
} from '@rumormill/protocol/plugin'
import {
  GuardedReceiver,
  sendObjection,
  stoppedError,
  type Life
} from '@rumormill/stream-transport'
import { formatAddress, isLoopback } from './address.ts'
import { checkOptions, type TcpConfig, type TcpTransportOptions } from './config.ts'
import { sweepFor } from './deadlines.ts'
import { dial } from './dialer.ts'
import { MAX_LABEL_BYTES } from './hello.ts'
import { createListener, type Listener } from './listener.ts'
import type { Names } from './names.ts'
import type { TcpStats } from './stats.ts'
import { TransportContext } from './transport-context.ts'

/** A {@link Transport} over raw TCP, for trusted networks: nothing is encrypted, and peers are identified by their host. */
export interface TcpTransport extends Transport {
  /** Returns what it holds now, and what it has counted since it was created. */
  stats(): TcpStats
}

/** Creates a transport over TCP, which opens nothing before `start`. Throws INVALID_CONFIG. */
export function tcpTransport(options: TcpTransportOptions = {}): TcpTransport {
  return new TcpTransportMachine(checkOptions(options))
}

class TcpTransportMachine implements TcpTransport {
  readonly maxMessageBytes: number
  readonly #config: TcpConfig
  readonly #context: TransportContext
  readonly #listener: Listener
  #life: Life = 'new'
  #stopped: Promise<void> | undefined

  constructor(config: TcpConfig) {
    this.maxMessageBytes = config.maxMessageBytes
    this.#config = config
    this.#context = new TransportContext(config)
    this.#context.twins.dial = (address) => void dial(address, this.#context)
    this.#listener = createListener(this.#context)
  }

  async start(receiver: Receiver, options: { protocol: string }): Promise<Address> {
    if (this.#life !== 'new')
      throw new GossipError('ALREADY_STARTED', 'a TCP transport can be started only once')
    if (Buffer.byteLength(options.protocol) > MAX_LABEL_BYTES) {
      throw new GossipError(
        'INVALID_CONFIG',
        `the protocol label is longer than ${MAX_LABEL_BYTES} bytes`
      )
    }
    this.#life = 'starting'
    const { host, port, advertise, deadlines } = this.#config
    const context = this.#context
    context.receiver = new GuardedReceiver(receiver)
    try {
      // The name is looked up here, because a lookup inside `listen` could not be cancelled.
      const ip = await resolveHost(host, context.names)
      this.#refuseIfStopped()
      const bound = await this.#listener.listen(ip, port)
      this.#refuseIfStopped()
      const address = formatAddress({
        host: advertise.host ?? host,
        port: advertise.port ?? bound.port
      })
      context.bound = bound
      context.identity = {
        label: options.protocol,
        address,
        versions: MESSAGE_VERSIONS,
        incarnation: Date.now()
      }
      context.sweep = sweepFor(deadlines, (now) => context.checkDeadlines(now))
      this.#life = 'running'
      return address
    } catch (error) {
      this.#refuseIfStopped()
      this.#life = 'stopped'
      throw error
    }
  }

  get reachable(): boolean {
    const { bound } = this.#context
    return bound !== undefined && !isLoopback(bound.host)
  }

  send(to: Address, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    // Not async: one more promise per message would cost more than the message.
    const objection = sendObjection(this.#life, bytes, this.maxMessageBytes, signal)
    if (objection !== undefined) return Promise.reject(objection)
    const connection = this.#context.connections.leadingTo(to)
    if (connection !== undefined) return connection.send(bytes, signal)
    try {
      return dial(to, this.#context).send(bytes, signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  watch(peers: readonly Address[]): void {
    this.#context.watch(peers)
  }

  dismiss(peer: Address, reason: DismissalReason, connection?: string): void {
    this.#context.dismiss(peer, reason, connection)
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  stats(): TcpStats {
    return this.#context.stats()
  }

  async #close(): Promise<void> {
    this.#life = 'stopped'
    this.#context.sweep?.stop()
    this.#context.names.stop()
    const closed = this.#listener.close()
    await this.#context.leaveConnections(stoppedError())
    await closed
  }

  #refuseIfStopped(): void {
    if (this.#life === 'stopped') throw stoppedError()
  }
}

async function resolveHost(host: string, names: Names): Promise<string> {
  try {
    return isIP(host) === 0 ? (await names.resolve(host))[0]! : host
  } catch (cause) {
    throw new GossipError(
      'ADDRESS_UNAVAILABLE',
      `cannot look up ${host}: ${(cause as Error).message}`,
      { cause }
    )
  }
}
