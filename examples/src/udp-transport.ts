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
import { createGossip, GossipError, staticPeers, toGossipError } from '@rumormill/protocol'
import type { GossipService, Receiver, Transport } from '@rumormill/protocol'

// A datagram: its kind, 8 bytes that tie an answer to its message, 16 of the group, 16 of the token; then the message.
const [MESSAGE, TAKEN, PROVE, STRANGER, HEADER_BYTES] = [1, 2, 3, 4, 41]
const MAX_MESSAGE_BYTES = 65_507 - HEADER_BYTES // The most that IPv4 carries; 1,200 where paths drop fragments.
const [MAX_TRIES, RETRY_MS, MAX_TOKENS, NO_TOKEN] = [6, 200, 1000, Buffer.alloc(16)]

/** Listens at `host`, an IPv4 address of this machine that others can send to. */
export function udpTransport({
  host = '127.0.0.1',
  port = 0
}: { host?: string; port?: number } = {}): Transport {
  const [socket, secret, stopping] = [createSocket('udp4'), randomBytes(16), new AbortController()]
  const [tokens, waiting] = [
    new Map<string, Buffer>(),
    new Map<string, (answer: Buffer | Promise<never>) => void>()
  ]
  let [group, listening, closed] = [Buffer.alloc(0), false, undefined as Promise<void> | undefined]
  const header = (kind: number, id: Buffer, token: Buffer): Buffer =>
    Buffer.concat([Buffer.of(kind), id, group, token])
  function take(receiver: Receiver, datagram: Buffer, sender: RemoteInfo): void {
    const from = `${sender.address}:${sender.port}`
    const [id, theirs, token] = [
      datagram.subarray(1, 9),
      datagram.subarray(9, 25),
      datagram.subarray(25, HEADER_BYTES)
    ]
    if (datagram[0] !== MESSAGE || token.length < 16)
      return waiting.get(`${from} ${id.toString('hex')}`)?.(datagram)
    const expected = createHmac('sha256', secret).update(from).digest().subarray(0, 16)
    const answer = !theirs.equals(group) ? STRANGER : token.equals(expected) ? TAKEN : PROVE
    socket.send(header(answer, id, expected), sender.port, sender.address)
    if (answer === STRANGER)
      throw new GossipError('PROTOCOL_MISMATCH', `${from} speaks for another group`)
    if (answer === TAKEN) receiver.receive(from, new Uint8Array(datagram.subarray(HEADER_BYTES)))
  }
  function stop(): Promise<void> {
    stopping.abort(new GossipError('NOT_RUNNING', 'this transport has stopped'))
    waiting.forEach((answer) => answer(Promise.reject(stopping.signal.reason)))
    return (closed ??= new Promise((resolve) => socket.close(resolve)))
  }
  async function start(receiver: Receiver, { protocol }: { protocol: string }): Promise<string> {
    if (group.length > 0 || stopping.signal.aborted)
      throw new GossipError('ALREADY_STARTED', 'it starts once')
    group = createHash('sha256').update(protocol).digest().subarray(0, 16)
    const fail = (error: unknown): void =>
      receiver.fail(toGossipError(error, 'TRANSPORT_FAILED', 'UDP'))
    socket.on('message', (...received) => {
      try {
        take(receiver, ...received)
      } catch (error) {
        fail(error)
      }
    })
    await once(socket.bind(port, host), 'listening', stopping).catch((error: Error) =>
      stop().then(() => {
        throw toGossipError(error.cause ?? error, 'ADDRESS_UNAVAILABLE', `${host}:${port}`)
      })
    )
    stopping.signal.throwIfAborted()
    listening = true
    return `${host}:${socket.on('error', fail).address().port}`
  }
  async function send(
    to: string,
    bytes: Uint8Array,
    { signal }: { signal: AbortSignal }
  ): Promise<void> {
    const [id, [, address = '', toPort]] = [randomBytes(8), /^(.+):([1-9]\d{0,4})$/.exec(to) ?? []]
    const key = `${to} ${id.toString('hex')}`
    if (!listening || closed !== undefined)
      throw new GossipError('NOT_RUNNING', 'this transport is not running')
    if (!isIPv4(address) || Number(toPort) > 65_535)
      throw new GossipError('INVALID_ADDRESS', `${to} is not ipv4:port`)
    if (bytes.length > MAX_MESSAGE_BYTES)
      throw new GossipError('MESSAGE_TOO_LARGE', `over ${MAX_MESSAGE_BYTES} bytes`)
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      signal.throwIfAborted()
      const answered = new Promise<Buffer>((resolve) => waiting.set(key, resolve))
      socket.send([header(MESSAGE, id, tokens.get(to) ?? NO_TOKEN), bytes], Number(toPort), address)
      const late = delay(RETRY_MS, undefined, { ref: false })
      const answer = await Promise.race([answered, late]).finally(() => waiting.delete(key))
      if (answer?.[0] === TAKEN) return
      if (answer?.[0] === STRANGER)
        throw new GossipError('PROTOCOL_MISMATCH', `${to} speaks for another group`)
      if (tokens.size > MAX_TOKENS) tokens.clear()
      if (answer?.[0] === PROVE) tokens.set(to, answer.subarray(25, HEADER_BYTES))
    }
    throw new GossipError('UNREACHABLE', `${to} does not answer`)
  }
  return { maxMessageBytes: MAX_MESSAGE_BYTES, start, send, stop }
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
      peers: staticPeers(nodes.slice(0, 1).map(({ address }) => address)),
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
