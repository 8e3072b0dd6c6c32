/** Connections of others: each brings one message and ends. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { GossipError, toGossipError, type Receiver } from '@rumormill/protocol'
import { formatAddress } from './address.ts'
import type { Limits } from './options.ts'

/** Told of each whole message and of the host it came from. */
export type OnMessage = (bytes: Uint8Array, host: string) => void

export class Listener {
  readonly #limits: Limits
  readonly #onMessage: OnMessage
  readonly #fail: Receiver['fail']
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(limits: Limits, onMessage: OnMessage, fail: Receiver['fail']) {
    this.#limits = limits
    this.#onMessage = onMessage
    this.#fail = fail
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.on('error', (error) => fail(toGossipError(error, 'TRANSPORT_FAILED', 'the listener')))
  }

  /** Resolves with the address that is listened on. Rejects with ADDRESS_UNAVAILABLE, or when `signal` aborts. */
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
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    const host = socket.remoteAddress
    if (host === undefined) {
      socket.destroy()
      return
    }
    // Whoever has taken longest over one message makes room: else silent clients would keep everybody out.
    for (const oldest of this.#sockets) {
      if (this.#sockets.size < this.#limits.maxInbound) break
      this.#sockets.delete(oldest)
      oldest.destroy()
      this.#fail(new GossipError('OVERLOADED', `${this.#limits.maxInbound} connections are open (maxInbound); the one open longest goes`))
    }
    this.#sockets.add(socket)
    const chunks: Uint8Array[] = []
    let bytes = 0
    const refuse = (error: GossipError): void => {
      socket.destroy()
      this.#fail(error)
    }
    // Not `setTimeout` of the socket, which a trickle of bytes would put off for ever.
    const deadline = setTimeout(() => refuse(new GossipError('TIMED_OUT', `${host} sent no whole message in time (messageMs)`)), this.#limits.messageMs)
    socket.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > this.#limits.maxMessageBytes) refuse(new GossipError('MESSAGE_TOO_LARGE', `from ${host} (maxMessageBytes)`))
      else chunks.push(chunk)
    })
    socket.on('end', () => {
      if (bytes > 0 && bytes <= this.#limits.maxMessageBytes) this.#onMessage(joined(chunks, bytes), host)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(deadline)
      this.#sockets.delete(socket)
    })
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
