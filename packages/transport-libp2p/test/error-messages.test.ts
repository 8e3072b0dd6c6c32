/** Every cause that keeps two nodes from connecting has its own error message. */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tcpTransport } from '@rumormill/transport-tcp'
import { afterAll, expect, test } from 'vitest'
import { allowOnly, generatePsk } from '../src/node/index.ts'
import { PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** The address of a listener that is no libp2p node. */
async function listener(onSocket: (socket: Socket) => void, id: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return addressOf((server.address() as AddressInfo).port, id)
}

const addressOf = (port: number | string, id: string): string =>
  `/ip4/127.0.0.1/tcp/${port}/p2p/${id}`

/** What a send to `address` is told. */
const toldOf = async (from: Peer, address: string): Promise<string> =>
  from.send(address, Uint8Array.of(1)).then(
    () => 'nothing',
    (error: Error) => error.message.replace(address, 'X')
  )

test('no listener, another id, no libp2p, a connection that is closed or reset', async () => {
  const [a, b] = [await startPeer(), await startPeer()]
  const other = (await startNode()).peerId.toString()
  const raw = tcpTransport()
  const failures: string[] = []
  const address = await raw.start(
    { receive: () => {}, lost: () => {}, fail: ({ message }) => void failures.push(message) },
    { protocol: '/rumormill/1/default/binary' }
  )
  const told = {
    nobody: await toldOf(a, addressOf(1, other)),
    id: await toldOf(a, addressOf(b.port, other)),
    tcp: await toldOf(a, addressOf(address.split(':')[1]!, other)),
    http: await toldOf(a, await listener((socket) => socket.end('HTTP/1.1 400 No\r\n\r\n'), other)),
    closed: await toldOf(a, await listener((socket) => socket.end(), other))
  }
  await raw.stop()
  expect(told).toEqual({
    nobody: expect.stringContaining('ECONNREFUSED') as string,
    id: expect.stringContaining(
      'X cannot prove the id in its address: another node is there'
    ) as string,
    tcp: expect.stringContaining('does not speak libp2p') as string,
    http: expect.stringContaining('does not speak libp2p') as string,
    closed: expect.stringContaining('it is full, denies this node') as string
  })
  expect(failures).toEqual([expect.stringContaining('the peer speaks libp2p')])
})

test('a missing or different pre-shared key; a gater on either side', async () => {
  const a = await startPeer()
  const closed = await startPeer({ psk: generatePsk() })
  const denying = await startPeer({ gater: allowOnly([]) })
  // Random bytes: what they look like differs.
  expect(await toldOf(a, closed.address)).toMatch(/pre-shared key/)
  expect(await toldOf(closed, a.address)).toMatch(/pre-shared key/)
  expect(await toldOf(denying, a.address)).toContain('the connection gater of this node denies it')
  expect(await toldOf(a, denying.address)).toMatch(/denies this node|the peer closed it/)
})

test.each([
  ['/rumormill/1/other/none', 'another network name'],
  ['/rumormill/1/test/json', 'another codec'],
  ['/rumormill/2/test/none', 'another version']
])('%s: the listener reports once that it is %s, the dialler at each send', async (label, what) => {
  const b = await startPeer()
  const a = await startPeer({ protocol: label })
  for (let attempt = 0; attempt < 3; attempt++) {
    let toldBy = ''
    await until('the end of the back-off', async () => {
      toldBy = await toldOf(a, b.address)
      return !toldBy.includes('backing off')
    })
    expect(toldBy).toContain(`X does not speak ${label}: another network name, another codec`)
    const refusals = attempt + 1
    await until('the label', () => b.transport.stats().refused === refusals)
  }
  const id = a.node.peerId.toString()
  const labels = `the label of ${id} at 127.0.0.1 is "${label}", this node has "${PROTOCOL}": ${what}`
  expect(b.failures).toMatchObject([
    { code: 'PROTOCOL_MISMATCH', message: `PROTOCOL_MISMATCH: ${labels}` }
  ])
  expect([b.heard, a.failures]).toEqual([[], []])
})

test('a client without libp2p is reported by the dialled node, once a second', async () => {
  const a = await startPeer()
  const raw = tcpTransport()
  await raw.start(
    { receive: () => {}, lost: () => {}, fail: () => {} },
    { protocol: '/rumormill/1/default/binary' }
  )
  const { signal } = new AbortController()
  const error = await raw
    .send(`127.0.0.1:${a.port}`, Uint8Array.of(1), { signal })
    .catch(({ message }: Error) => message)
  expect(error).toContain('before its hello')
  await until('what is told', () => a.failures.length > 0)
  expect(a.failures[0]!.message).toContain('ended before its handshake was complete')
  await raw.stop()
})
