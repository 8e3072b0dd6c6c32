/** Which of its addresses a node advertises. */

import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test } from 'vitest'
import { libp2pTransport } from '../src/index.ts'
import { PROTOCOL, startNode } from './nodes.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** What a transport tells on a node that listens on `hosts`; nothing is put on a network for it. */
async function told(hosts: readonly string[]): Promise<string> {
  const node = await startNode()
  const addresses = hosts.map((host) => multiaddr(`${host}/tcp/9000/p2p/${node.peerId.toString()}`))
  const elsewhere = new Proxy(node, {
    get: (target, key) => {
      if (key === 'getMultiaddrs') return () => addresses
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    }
  })
  const transport = libp2pTransport({ node: elsewhere })
  stops.push(() => transport.stop())
  const receiver = { receive: () => {}, fail: () => {}, lost: () => {} }
  const address = await transport.start(receiver, { protocol: PROTOCOL })
  return address.slice(0, address.indexOf('/tcp/'))
}

test.each<[string, readonly string[], string]>([
  [
    'of all interfaces of a wildcard, the first that is not loopback',
    ['/ip4/127.0.0.1', '/ip4/10.77.0.1'],
    '/ip4/10.77.0.1'
  ],
  ['the same of IPv6', ['/ip6/::1', '/ip6/fd00::7'], '/ip6/fd00::7'],
  ['loopback where there is nothing else', ['/ip4/127.0.0.1'], '/ip4/127.0.0.1'],
  ['never the wildcard itself', ['/ip4/0.0.0.0', '/ip4/10.77.0.1'], '/ip4/10.77.0.1']
])('%s', async (_what, hosts, expected) => {
  expect(await told(hosts)).toBe(expected)
})
