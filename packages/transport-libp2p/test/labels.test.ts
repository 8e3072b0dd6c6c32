/** The protocol that exchanges the labels of different groups, and its limits. */

import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { packFrames } from '@rumormill/stream-transport'
import { expect, test } from 'vitest'
import { libp2pTransport } from '../src/index.ts'
import { LABEL_PROTOCOL, MAX_LABEL_BYTES } from '../src/labels.ts'
import { PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const connect = async ({ address }: Peer): Promise<Connection> =>
  (await startNode()).dial(multiaddr(address))

/** A stream for a label, and its end. */
async function open(connection: Connection): Promise<{ stream: Stream; closed: Promise<void> }> {
  const stream = await connection.newStream(LABEL_PROTOCOL)
  const closed = new Promise<void>((resolve) => {
    stream.addEventListener('close', () => resolve())
    // It may be reset already, and its `close` event gone by.
    if (stream.status !== 'open') resolve()
  })
  return { stream, closed }
}

/** Says `label`, and resolves when the stream has ended. */
async function say(connection: Connection, label: Uint8Array): Promise<void> {
  const { stream, closed } = await open(connection)
  for (const piece of packFrames([label])) stream.send(piece)
  await stream.close()
  await closed
}

const text = (label: string): Uint8Array => new TextEncoder().encode(label)

test('a label that is too long or not UTF-8 is refused; the same label is not reported', async () => {
  const peer = await startPeer()
  const connection = await connect(peer)
  await say(connection, new Uint8Array(MAX_LABEL_BYTES + 1).fill(97))
  await say(connection, Uint8Array.of(0xff))
  await say(connection, text(PROTOCOL))
  expect(peer.failures.map(({ code }) => code)).toEqual(['MESSAGE_TOO_LARGE', 'MALFORMED_MESSAGE'])
  expect(peer.transport.stats()).toMatchObject({ refused: 2, partialBytes: 0 })
  await say(connection, text('x'.repeat(MAX_LABEL_BYTES)))
  expect(peer.failures.at(-1)).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
})

test('a label stream without a label is reset in time, and a second one at once', async () => {
  const peer = await startPeer({ deadlines: { helloMs: 2000 } })
  const connection = await connect(peer)
  const first = await open(connection)
  const second = await open(connection)
  await second.closed
  expect(first.stream.status).toBe('open')
  await first.closed
  expect(peer.failures).toMatchObject([{ code: 'TIMED_OUT' }])
})

test('a label is passed to every transport on the node, until the last of them stops', async () => {
  const peer = await startPeer()
  const failures: string[] = []
  const other = libp2pTransport({ node: peer.node })
  const receiver = {
    receive: () => {},
    lost: () => {},
    fail: ({ message }: Error) => void failures.push(message)
  }
  await other.start(receiver, { protocol: `${PROTOCOL}-other` })
  const connection = await connect(peer)
  await say(connection, text('/rumormill/1/third/none'))
  expect([peer.failures.length, failures.length]).toEqual([1, 1])
  await other.stop()
  expect(peer.node.getProtocols()).toContain(LABEL_PROTOCOL)
  await peer.transport.stop()
  expect(peer.node.getProtocols()).not.toContain(LABEL_PROTOCOL)
  await until('no label any more', () =>
    connection.newStream(LABEL_PROTOCOL).then(
      () => false,
      ({ name }: Error) => name === 'UnsupportedProtocolError'
    )
  )
})
