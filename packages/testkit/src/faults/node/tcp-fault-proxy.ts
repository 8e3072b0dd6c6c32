/** A TCP proxy that injects faults, for transports and nodes over real sockets in any language. */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import {
  createRng,
  systemClock,
  toGossipError,
  type Clock,
  type Rng
} from '@rumormill/protocol/plugin'
import { checkFaults } from '../fault-checks.ts'
import { FaultyStream, type StreamOwner } from './faulty-stream.ts'
import { SOUND, type ProxyCounts, type StreamFaults } from './stream-faults.ts'

/** The most connections at once; further ones are not accepted. */
const MAX_CONNECTIONS = 1024

export interface TcpFaultProxyOptions extends Partial<StreamFaults> {
  /** The target of the connections, `host:port`. While it is undefined, connections are reset. */
  readonly target?: string
  /** The host to listen on. Default `127.0.0.1`. */
  readonly host?: string
  /** The port to listen on. Default 0: any free one. */
  readonly port?: number
  /** The rng for delays, flips and duplicates. Default: a fixed seed. */
  readonly rng?: Rng
  /** The clock for delays. Default: the system clock. */
  readonly clock?: Clock
}

/** A direction: bytes from clients to the target, from the target to clients, or both. */
export type Way = 'to-target' | 'from-target' | 'both'

export interface TcpFaultProxy extends AsyncDisposable {
  /** The address for clients. The node behind the proxy must advertise it, or its peers connect past the proxy. */
  readonly address: string
  readonly counts: ProxyCounts
  /** Connections open now. */
  readonly connections: number
  /** The target of new connections, as in the options. */
  target: string | undefined
  /** Whether new connections are reset at once. */
  refuse: boolean
  /** Changes the given faults, also for open connections. Throws INVALID_CONFIG without any change. */
  set(changes: Partial<StreamFaults>, way?: Way): void
  /** Ends all faults; connections stay open. */
  calm(): void
  /** Resets every open connection, as a crash or an impatient middlebox does. */
  reset(): void
  /** Closes everything. Idempotent. */
  stop(): Promise<void>
}

/** Starts a proxy. Rejects with ADDRESS_UNAVAILABLE or INVALID_CONFIG. */
export async function tcpFaultProxy(options: TcpFaultProxyOptions = {}): Promise<TcpFaultProxy> {
  const {
    target,
    host = '127.0.0.1',
    port = 0,
    rng = createRng(1),
    clock = systemClock,
    ...faults
  } = options
  const proxy = new Proxy(target, rng, clock)
  proxy.set(faults)
  await proxy.listen(host, port)
  return proxy
}

/** The two sockets and the two directions of a connection. */
interface Connection {
  readonly sockets: readonly Socket[]
  readonly outward: FaultyStream | undefined
  readonly homeward: FaultyStream | undefined
}

class Proxy implements TcpFaultProxy, StreamOwner {
  target: string | undefined
  refuse = false
  readonly counts = {
    connections: 0,
    resets: 0,
    passedBytes: 0,
    swallowedBytes: 0,
    flippedBytes: 0,
    duplicatedFrames: 0
  }
  readonly rng: Rng
  readonly clock: Clock
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  #outward = SOUND
  #homeward = SOUND
  #stopped: Promise<unknown> | undefined

  constructor(target: string | undefined, rng: Rng, clock: Clock) {
    this.target = target
    this.rng = rng
    this.clock = clock
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#accept(client)
    )
    this.#server.maxConnections = MAX_CONNECTIONS
  }

  get address(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
  }

  get connections(): number {
    return this.#connections.size
  }

  async listen(host: string, port: number): Promise<void> {
    try {
      await once(this.#server.listen(port, host), 'listening')
    } catch (error) {
      throw toGossipError(error, 'ADDRESS_UNAVAILABLE', `${host}:${port}`)
    }
  }

  set(changes: Partial<StreamFaults>, way: Way = 'both'): void {
    checkFaults(SOUND, changes)
    if (way !== 'from-target') this.#outward = { ...this.#outward, ...changes }
    if (way !== 'to-target') this.#homeward = { ...this.#homeward, ...changes }
    for (const { outward, homeward } of this.#connections) {
      outward?.set(this.#outward)
      homeward?.set(this.#homeward)
    }
  }

  calm(): void {
    this.refuse = false
    this.set(SOUND)
  }

  reset(): void {
    for (const connection of this.#connections) this.#reset(connection)
  }

  async stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#server.close(resolve)
    })
    for (const connection of this.#connections) this.#end(connection)
    await this.#stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #accept(client: Socket): void {
    this.counts.connections++
    client.on('error', () => {})
    if (this.refuse || this.target === undefined) {
      this.counts.resets++
      client.resetAndDestroy()
    } else if (this.#outward.swallow) {
      this.#swallow(client)
    } else {
      this.#join(client, this.target)
    }
  }

  /** Reads a connection and never answers it. */
  #swallow(client: Socket): void {
    this.#keep({ sockets: [client], outward: undefined, homeward: undefined })
    client.on('data', (chunk: Uint8Array) => {
      this.counts.swallowedBytes += chunk.length
    })
  }

  #join(client: Socket, target: string): void {
    const { hostname, port } = new URL(`tcp://${target}`)
    const server = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      noDelay: true,
      allowHalfOpen: true
    })
    const reset = (): void => this.#reset(connection)
    const connection: Connection = {
      sockets: [client, server],
      outward: new FaultyStream(client, server, this.#outward, this, reset),
      homeward: new FaultyStream(server, client, this.#homeward, this, reset)
    }
    this.#keep(connection)
  }

  #keep(connection: Connection): void {
    this.#connections.add(connection)
    for (const socket of connection.sockets) {
      // An error on one socket must reset the other one, too.
      socket.on('error', () => this.#reset(connection))
      socket.on('close', () => {
        if (connection.sockets.every(({ destroyed }) => destroyed)) this.#end(connection)
      })
    }
  }

  #reset(connection: Connection): void {
    if (!this.#connections.has(connection)) return
    this.counts.resets++
    this.#forget(connection)
    for (const socket of connection.sockets) socket.resetAndDestroy()
  }

  #end(connection: Connection): void {
    this.#forget(connection)
    for (const socket of connection.sockets) socket.destroy()
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection)
    connection.outward?.stop()
    connection.homeward?.stop()
  }
}
