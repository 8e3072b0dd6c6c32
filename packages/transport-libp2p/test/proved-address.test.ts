/** The address of a hello is accepted if the peer connects from its host, or a dial found its key there. */

import { createServer, type AddressInfo, type Server } from 'node:net'
import type { Stream } from '@libp2p/interface'
import { packFrames } from '@rumormill/stream-transport'
import { afterAll, expect, test } from 'vitest'
import { codeOf, PROTOCOL, startPeer, until, type Peer } from './nodes.ts'
import { startProxy } from './proxy.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** A host that has nothing to do with it, and how often it was dialled. */
async function bystander(): Promise<{ port: number; dials: () => number }> {
  let dials = 0
  const server = createServer((socket) => {
    dials++
    socket.on('error', () => {}).destroy()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
  return { port: (server.address() as AddressInfo).port, dials: () => dials }
}

const advertised = ({ node }: Peer, host: string, port: number): string =>
  `/ip4/${host}/tcp/${port}/p2p/${node.peerId.toString()}`

/** `peer` says to `to` that it is at `address`, and sends a message. */
async function claim(peer: Peer, to: Peer, address: string): Promise<Stream> {
  const stream = await peer.node.dialProtocol(to.node.getMultiaddrs(), PROTOCOL)
  for (const piece of packFrames([new TextEncoder().encode(address), Uint8Array.of(7)]))
    stream.send(piece)
  await until('the message', () => to.heard.length === 1)
  return stream
}

test('the address of a third party is dialled once; messages of its claimant arrive, and it is not dialled there later', async () => {
  const { port, dials } = await bystander()
  const [a, liar] = [await startPeer(), await startPeer()]
  const address = advertised(liar, '127.0.0.2', port)
  const stream = await claim(liar, a, address)
  expect(a.heard[0]).toEqual({ from: address, bytes: Uint8Array.of(7) })
  // What answers it goes by the connection that there is.
  await a.send(address, Uint8Array.of(9))
  await until('the answer', () => liar.heard.length === 1)
  await until('the look', () => dials() === 1)
  stream.abort(new Error('gone'))
  for (const connection of liar.node.getConnections()) await connection.close()
  await until('the loss', () => a.lost.length === 1)
  for (let attempt = 0; attempt < 5; attempt++)
    expect(await codeOf(a.send(address, Uint8Array.of(10)))).toBe('UNREACHABLE')
  expect(dials()).toBe(1)
})

test('an address behind a translation is verified, and dialled when needed', async () => {
  const [a, b] = [await startPeer(), await startPeer()]
  const proxy = await startProxy(b.port, '127.0.0.3')
  const address = advertised(b, '127.0.0.3', proxy.port)
  const stream = await claim(b, a, address)
  await until('the look', () =>
    a.node.getConnections().some(({ direction }) => direction === 'outbound')
  )
  stream.abort(new Error('gone'))
  await until('the end', async () => {
    for (const connection of b.node.getConnections()) await connection.close()
    return a.node.getConnections().length === 0
  })
  await until(
    'an answer',
    async () => (await codeOf(a.send(address, Uint8Array.of(8)))) === 'resolved'
  )
  await until('the message', () => b.heard.length > 0)
  await proxy.stop()
})
