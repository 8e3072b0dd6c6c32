/** Inbound connections, each of which carries one message. */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import {
  GossipError,
  toGossipError,
  type GossipErrorCode,
  type Receiver
} from '@rumormill/protocol/plugin'
import { formatAddress, networkOf } from './address.ts'
import type { Limits } from './options.ts'
import type { CrateRefusal, Refusals } from './stats.ts'

/** Is called with each complete message and the host that it came from. */
export type OnMessage = (bytes: Uint8Array, host: string) => void

/** A connection, and the bytes received so far. */
interface Arrival {
  readonly socket: Socket
  readonly host: string
  readonly network: string
  readonly chunks: Uint8Array[]
  bytes: number
}

export class Listener {
  readonly #limits: Limits
  readonly #refused: Refusals
  readonly #onMessage: OnMessage
  readonly #fail: Receiver['fail']
  readonly #server: Server
  /** The open connections, oldest first. */
  readonly #arrivals = new Set<Arrival>()
  #unfinishedBytes = 0

  constructor(limits: Limits, refused: Refusals, onMessage: OnMessage, fail: Receiver['fail']) {
    this.#limits = limits
    this.#refused = refused
    this.#onMessage = onMessage
    this.#fail = fail
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.on('error', (error) =>
      fail(toGossipError(error, 'TRANSPORT_FAILED', 'the listener'))
    )
  }

  get connections(): number {
    return this.#arrivals.size
  }

  get unfinishedBytes(): number {
    return this.#unfinishedBytes
  }

  /** Resolves with the bound address. Rejects with ADDRESS_UNAVAILABLE, or when `signal` aborts. */
  async start(host: string, signal: AbortSignal): Promise<string> {
    try {
      await once(this.#server.listen(this.#limits.port, host), 'listening', { signal })
    } catch (error) {
      signal.throwIfAborted()
      throw toGossipError(error, 'ADDRESS_UNAVAILABLE', `${host}:${this.#limits.port} (host, port)`)
    }
    return formatAddress({ host, port: (this.#server.address() as AddressInfo).port })
  }

  async stop(): Promise<void> {
    for (const { socket } of this.#arrivals) socket.destroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    const host = socket.remoteAddress
    if (host === undefined) {
      socket.destroy()
      return
    }
    const arrival: Arrival = { socket, host, network: networkOf(host), chunks: [], bytes: 0 }
    this.#freeSlot(arrival.network)
    this.#arrivals.add(arrival)
    // Not `setTimeout` of the socket, which single bytes could postpone forever.
    const deadline = setTimeout(
      () =>
        this.#refuse(
          arrival,
          'read-late',
          'TIMED_OUT',
          'sent no complete message in time (messageMs)'
        ),
      this.#limits.messageMs
    )
    socket.on('data', (chunk: Uint8Array) => this.#take(arrival, chunk))
    socket.on('end', () => this.#finish(arrival))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(deadline)
      this.#forget(arrival)
    })
  }

  /**
   * Closes the oldest connection when there are too many, because silent clients would keep out all others otherwise. A host
   * with too many connections loses its own oldest, because it would displace the unfinished messages of others otherwise.
   */
  #freeSlot(network: string): void {
    const { maxInbound, maxInboundPerHost } = this.#limits
    const ofHost = [...this.#arrivals].filter((arrival) => arrival.network === network)
    if (ofHost.length >= maxInboundPerHost) {
      this.#refuse(
        ofHost[0]!,
        'host-full',
        'OVERLOADED',
        `has ${maxInboundPerHost} connections open (maxInboundPerHost); its oldest is closed`
      )
    } else if (this.#arrivals.size >= maxInbound) {
      const [oldest] = this.#arrivals
      this.#refuse(
        oldest!,
        'inbound-full',
        'OVERLOADED',
        `has the oldest of ${maxInbound} connections (maxInbound), which is closed`
      )
    }
  }

  #take(arrival: Arrival, chunk: Uint8Array): void {
    if (!this.#arrivals.has(arrival)) return
    arrival.chunks.push(chunk)
    arrival.bytes += chunk.length
    this.#unfinishedBytes += chunk.length
    if (arrival.bytes > this.#limits.maxMessageBytes) {
      this.#refuse(
        arrival,
        'too-large',
        'MESSAGE_TOO_LARGE',
        'sends a message that is too long (maxMessageBytes)'
      )
    } else if (this.#unfinishedBytes > this.#limits.maxUnfinishedBytes) {
      const largest = [...this.#arrivals].reduce((most, each) =>
        each.bytes > most.bytes ? each : most
      )
      this.#refuse(
        largest,
        'unfinished-full',
        'OVERLOADED',
        'has the longest of too many unfinished messages (maxUnfinishedBytes)'
      )
    }
  }

  #finish(arrival: Arrival): void {
    if (!this.#arrivals.has(arrival)) return
    this.#forget(arrival)
    if (arrival.bytes > 0) this.#onMessage(joined(arrival.chunks, arrival.bytes), arrival.host)
  }

  #refuse(arrival: Arrival, refusal: CrateRefusal, code: GossipErrorCode, why: string): void {
    arrival.socket.destroy()
    if (!this.#arrivals.has(arrival)) return
    this.#forget(arrival)
    this.#refused[refusal]++
    this.#fail(new GossipError(code, `${arrival.host} ${why}`))
  }

  #forget(arrival: Arrival): void {
    if (this.#arrivals.delete(arrival)) this.#unfinishedBytes -= arrival.bytes
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
