/** Where a peer says that it can be dialled counts where it comes from, or where its key was found. */

import { createServer, type AddressInfo, type Server } from 'node:net'
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

test('an address of somebody else is tried once, and then the peer is known by its id alone', async () => {
  const victim = await bystander()
  const a = await startPeer()
  const liar = await startPeer()
  const { port, dials } = victim
  const address = advertised(liar, '127.0.0.2', port)
  const stream = await liar.node.dialProtocol(a.node.getMultiaddrs(), PROTOCOL)
  const hello = new TextEncoder().encode(address)
  for (const piece of packFrames([hello, Uint8Array.of(7), Uint8Array.of(8)])) stream.send(piece)
  await until('both messages', () => a.heard.length === 2)
  expect(a.heard.map(({ from, bytes }) => [from, bytes[0]])).toEqual([
    [`/p2p/${liar.node.peerId.toString()}`, 7],
    [`/p2p/${liar.node.peerId.toString()}`, 8]
  ])
  expect(dials()).toBe(1)
  // What answers it goes by the connection that there is.
  await a.send(a.heard[0]!.from, Uint8Array.of(9))
  await until('the answer', () => liar.heard.length === 1)
  // Nor does it count for what others say of it.
  expect(await codeOf(a.send(address, Uint8Array.of(10)))).toBe('UNREACHABLE')
  expect(dials()).toBe(1)
})

test('an address behind a translation is believed where the key is found', async () => {
  const a = await startPeer()
  const b = await startPeer()
  const proxy = await startProxy(b.port, '127.0.0.3')
  const address = advertised(b, '127.0.0.3', proxy.port)
  const stream = await b.node.dialProtocol(a.node.getMultiaddrs(), PROTOCOL)
  for (const piece of packFrames([new TextEncoder().encode(address), Uint8Array.of(7)]))
    stream.send(piece)
  await until('the message', () => a.heard.length === 1)
  expect(a.heard[0]!.from).toBe(address)
  await proxy.stop()
})
