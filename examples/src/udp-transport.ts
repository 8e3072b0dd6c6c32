/**
 * A transport of your own: gossip over UDP, a datagram for each message. Three nodes greet one another, until Ctrl-C:
 *
 *   npm run example -- udp-transport
 *
 * Anybody can write any sender on a datagram. So a receiver answers the first one with a token for that sender, and
 * takes only what brings it along, as QUIC does: who has the token gets what is sent there. The token is a keyed hash:
 * nobody need be remembered for it. Nothing is encrypted: for trusted networks only.
 */

import { createHash, createHmac, randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { isIPv4 } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService, type Transport } from '@rumormill/protocol'
import { GossipError, toGossipError, type Receiver } from '@rumormill/protocol/plugin'

// A datagram: its kind, 8 bytes that tie an answer to its message, 16 of the group, 16 of the token; then the message.
const [MESSAGE, TAKEN, PROVE, STRANGER, HEADER_BYTES] = [1, 2, 3, 4, 41]
const MAX_MESSAGE_BYTES = 65_507 - HEADER_BYTES // The most that IPv4 carries; 1,200 where paths drop fragments.
const [MAX_TRIES, RETRY_MS, MAX_TOKENS, NO_TOKEN] = [6, 200, 1000, Buffer.alloc(16)]

/** Listens at `host`, an IPv4 address of this machine that others can send to. */
export function udpTransport(
  at: { host?: string; port?: number; retryMs?: number } = {}
): Transport {
  return new UdpTransport(at.host ?? '127.0.0.1', at.port ?? 0, at.retryMs ?? RETRY_MS)
}

class UdpTransport implements Transport {
  readonly maxMessageBytes = MAX_MESSAGE_BYTES
  readonly #bind: { readonly address: string; readonly port: number }
  readonly #retryMs: number
  readonly #socket = createSocket('udp4')
  readonly #secret = randomBytes(16)
  readonly #stopping = new AbortController()
  readonly #tokens = new Map<string, Buffer>()
  readonly #waiting = new Map<string, (answer: Buffer | Promise<never>) => void>()
  #group = Buffer.alloc(0)
  #running = false
  #closed: Promise<void> | undefined

  constructor(address: string, port: number, retryMs: number) {
    this.#bind = { address, port }
    this.#retryMs = retryMs
  }

  async start(receiver: Receiver, { protocol }: { protocol: string }): Promise<string> {
    const [socket, { signal }, { address, port }] = [this.#socket, this.#stopping, this.#bind]
    if (this.#group.length > 0 || signal.aborted)
      throw new GossipError('ALREADY_STARTED', 'it starts once')
    this.#group = createHash('sha256').update(protocol).digest().subarray(0, 16)
    const fail = (error: unknown) => receiver.fail(toGossipError(error, 'TRANSPORT_FAILED', 'UDP'))
    socket.on('message', (...received) => void this.#take(receiver, ...received).catch(fail))
    await once(socket.bind(port, address), 'listening', { signal }).catch(async (error: Error) => {
      await this.stop()
      throw toGossipError(error.cause ?? error, 'ADDRESS_UNAVAILABLE', `${address}:${port}`)
    })
    signal.throwIfAborted()
    this.#running = true
    return `${address}:${socket.on('error', fail).address().port}`
  }

  get reachable(): boolean {
    return !this.#bind.address.startsWith('127.')
  }

  async send(to: string, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    const [, address = '', port] = /^(.+):([1-9]\d{0,4})$/.exec(to) ?? []
    if (!this.#running) throw new GossipError('NOT_RUNNING', 'this transport is not running')
    if (!isIPv4(address) || Number(port) > 65_535)
      throw new GossipError('INVALID_ADDRESS', `${to} is not ipv4:port`)
    if (bytes.length > MAX_MESSAGE_BYTES)
      throw new GossipError('MESSAGE_TOO_LARGE', `over ${MAX_MESSAGE_BYTES} bytes`)
    const id = randomBytes(8)
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      signal.throwIfAborted()
      const answered = this.#answerTo(to, id)
      const header = this.#header(MESSAGE, id, this.#tokens.get(to) ?? NO_TOKEN)
      this.#socket.send([header, bytes], Number(port), address)
      const answer = await answered
      if (answer?.[0] === TAKEN) return
      if (answer?.[0] === STRANGER)
        throw new GossipError('PROTOCOL_MISMATCH', `${to} speaks for another group`)
      if (this.#tokens.size > MAX_TOKENS) this.#tokens.clear()
      if (answer?.[0] === PROVE) this.#tokens.set(to, answer.subarray(25, HEADER_BYTES))
    }
    throw new GossipError('UNREACHABLE', `${to} does not answer`)
  }

  watch(): void {} // There are no connections to watch.
  stop(): Promise<void> {
    this.#running = false
    this.#stopping.abort(new GossipError('NOT_RUNNING', 'this transport has stopped'))
    this.#waiting.forEach((answer) => answer(Promise.reject(this.#stopping.signal.reason)))
    return (this.#closed ??= new Promise((resolve) => this.#socket.close(resolve)))
  }

  /** The datagram that answers message `id`, or nothing if none comes in time. */
  #answerTo(to: string, id: Buffer): Promise<Buffer | undefined> {
    const key = `${to} ${id.toString('hex')}`
    const answered = new Promise<Buffer>((resolve) => this.#waiting.set(key, resolve))
    const late = delay(this.#retryMs, undefined, { ref: false })
    return Promise.race([answered, late]).finally(() => this.#waiting.delete(key))
  }

  /** Async only so that whatever it throws is a rejection. */
  async #take(receiver: Receiver, datagram: Buffer, { address, port }: RemoteInfo): Promise<void> {
    const from = `${address}:${port}`
    const [id, group] = [datagram.subarray(1, 9), datagram.subarray(9, 25)]
    const token = datagram.subarray(25, HEADER_BYTES)
    if (datagram[0] !== MESSAGE || token.length < 16)
      return this.#waiting.get(`${from} ${id.toString('hex')}`)?.(datagram)
    const expected = createHmac('sha256', this.#secret).update(from).digest().subarray(0, 16)
    const answer = !group.equals(this.#group) ? STRANGER : token.equals(expected) ? TAKEN : PROVE
    this.#socket.send(this.#header(answer, id, expected), port, address)
    if (answer === STRANGER)
      throw new GossipError('PROTOCOL_MISMATCH', `${from} speaks for another group`)
    if (answer === TAKEN) receiver.receive(from, new Uint8Array(datagram.subarray(HEADER_BYTES)))
  }

  #header(kind: number, id: Buffer, token: Buffer): Buffer {
    return Buffer.concat([Buffer.of(kind), id, this.#group, token])
  }
}

async function main(): Promise<void> {
  const nodes: GossipService[] = []
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => nodes.forEach((node) => void node.stop()))
  for (const name of ['Ada', 'Ben', 'Cleo']) {
    const node = createGossip({
      transport: udpTransport(),
      codec: binaryCodec(),
      // Who knows one of them gets to know all.
      peerSource: staticPeers(nodes.slice(0, 1).map(({ address }) => address)),
      handler: {
        onUpdate: ({ content }) =>
          console.log(`${name} hears: ${new TextDecoder().decode(content)}`)
      },
      observe: (event) => {
        if (event.kind === 'failed') console.error(`! ${event.error.message}`)
      }
    })
    nodes.push(node)
    node.submit(new TextEncoder().encode(`hello from ${name} at ${await node.start()}`))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error: Error) => console.error(`! ${error.message}`))
}
