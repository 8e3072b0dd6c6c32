/** A transport over Maelstrom's network: sends frames as base64 in bodies of type `gossip`, several in one when paced. */

import {
  GossipError,
  type Address,
  type Clock,
  type Receiver,
  type Transport
} from '@rumormill/protocol/plugin'
import { AbortWatch } from '@rumormill/stream-transport'
import type { Body } from './envelope.ts'

const MAX_MESSAGE_BYTES = 1024 * 1024

export interface MaelstromTransportOptions {
  readonly self: Address
  /** The nodes of `init`, the only reachable ones. */
  readonly nodes: readonly Address[]
  /** The least milliseconds between two bodies to one peer. */
  readonly paceMs: number
  readonly clock: Clock
  /** Sends a body. */
  readonly write: (dest: Address, body: Body) => void
}

interface Waiting {
  readonly bytes: Uint8Array
  readonly taken: () => void
  readonly refused: (reason: GossipError) => void
}

interface Connection {
  readonly waiting: Set<Waiting>
  freeAtMs: number
  cancel: (() => void) | undefined
}

export class MaelstromTransport implements Transport {
  readonly maxMessageBytes: number = MAX_MESSAGE_BYTES
  readonly #options: MaelstromTransportOptions
  readonly #connections: Map<Address, Connection>
  readonly #aborts = new AbortWatch()
  #state: 'new' | 'started' | 'stopped' = 'new'
  #receiver: Receiver | undefined
  #protocol = ''

  constructor(options: MaelstromTransportOptions) {
    this.#options = options
    const others = options.nodes.filter((node) => node !== options.self)
    this.#connections = new Map(
      others.map((node) => [node, { waiting: new Set(), freeAtMs: -Infinity, cancel: undefined }])
    )
  }

  async start(receiver: Receiver, { protocol }: { protocol: string }): Promise<Address> {
    if (this.#state !== 'new')
      throw new GossipError('ALREADY_STARTED', 'a transport can be started only once')
    this.#state = 'started'
    this.#receiver = receiver
    this.#protocol = protocol
    return this.#options.self
  }

  async send(to: Address, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== 'started')
      throw new GossipError('NOT_RUNNING', 'this transport is not running')
    signal.throwIfAborted()
    if (to === this.#options.self) throw new GossipError('INVALID_ADDRESS', `${to} is this node`)
    if (bytes.length > MAX_MESSAGE_BYTES)
      throw new GossipError('MESSAGE_TOO_LARGE', `${bytes.length} bytes`)
    const connection = this.#connections.get(to)
    if (connection === undefined)
      throw new GossipError('UNREACHABLE', `there was no node ${to} in init`)
    await this.#wait(to, connection, bytes, signal)
  }

  /** Handles a body of type `gossip`. */
  arrive(from: Address, body: Body): void {
    if (this.#state !== 'started' || !this.#connections.has(from)) return
    if (body['protocol'] !== this.#protocol) {
      this.#receiver!.fail(
        new GossipError('PROTOCOL_MISMATCH', `${from} speaks ${String(body['protocol'])}`)
      )
      return
    }
    const frames: unknown = body['frames']
    if (!Array.isArray(frames)) return
    for (const frame of frames) {
      if (typeof frame === 'string')
        this.#receiver!.receive(from, new Uint8Array(Buffer.from(frame, 'base64')))
    }
  }

  /** Does nothing, because Maelstrom's network has no connections. */
  watch(): void {}

  async stop(): Promise<void> {
    this.#state = 'stopped'
    for (const connection of this.#connections.values()) {
      connection.cancel?.()
      for (const { refused } of connection.waiting)
        refused(new GossipError('NOT_RUNNING', 'this transport was stopped'))
      connection.waiting.clear()
    }
  }

  #wait(
    to: Address,
    connection: Connection,
    bytes: Uint8Array,
    signal: AbortSignal
  ): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      const watcher = {
        aborted: () => {
          connection.waiting.delete(waiting)
          reject(signal.reason)
        }
      }
      const waiting: Waiting = {
        bytes,
        taken: () => {
          this.#aborts.remove(signal, watcher)
          resolve()
        },
        refused: (reason) => {
          this.#aborts.remove(signal, watcher)
          reject(reason)
        }
      }
      this.#aborts.add(signal, watcher)
      connection.waiting.add(waiting)
    })
    const { clock } = this.#options
    connection.cancel ??= clock.wakeAt(Math.max(clock.now(), connection.freeAtMs), () =>
      this.#flush(to, connection)
    )
    return taken
  }

  #flush(to: Address, connection: Connection): void {
    connection.cancel = undefined
    const batch = [...connection.waiting]
    connection.waiting.clear()
    if (batch.length === 0) return
    const { clock, paceMs, write } = this.#options
    connection.freeAtMs = clock.now() + paceMs
    const frames = batch.map(({ bytes }) => Buffer.from(bytes).toString('base64'))
    write(to, { type: 'gossip', protocol: this.#protocol, frames })
    for (const { taken } of batch) taken()
  }
}
