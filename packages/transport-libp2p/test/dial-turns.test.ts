/** A host on which no member has answered is dialled at most twice a second, by all its addresses and names together. */

import { multiaddr } from '@multiformats/multiaddr'
import { DialGuard } from '@rumormill/stream-transport'
import { expect, test } from 'vitest'
import { crowdOf, dialledHost, isLoopback, isSameHost } from '../src/address.ts'
import { startNode, startPeer } from './nodes.ts'

/** So many wait for their turn behind the two that are dialled at once. */
const WAITING = 8

/** Of base 58. */
const DIGITS = 'ABCDEFGHJKLMNPQRSTUV'

test.each<[string, (n: number) => string]>([
  ['ports', (n) => `/ip4/127.0.0.9/tcp/${3000 + n}`],
  [
    'names',
    (n) => `/${['dns', 'dns4', 'dns6', 'dnsaddr'][n % 4]}/host-${n}.invalid/tcp/${3000 + n}`
  ],
  ['zones', (n) => `/ip6zone/${n + 1}/ip6/::1/tcp/${3000 + n}`]
])('of 20 %s of one host, those beyond two and eight waiting ones are refused', async (_, at) => {
  const [peer, { peerId }] = [await startPeer(), await startNode()]
  const dialled: string[] = []
  peer.node.dial = async (to) => {
    dialled.push(String(to))
    throw new Error('nobody there')
  }
  const refused: string[] = []
  let late = (): void => {}
  const beyond = new Promise<void>((resolve) => {
    late = resolve
  })
  // Streams to one id are opened once, so that each has an id of its own. Nobody looks for a key behind it.
  const id = (n: number): string => peerId.toString().slice(0, -2) + `a${DIGITS[n]!}`
  for (let n = 0; n < 20; n++) {
    peer.send(`${at(n)}/p2p/${id(n)}`, Uint8Array.of(n)).catch((error: Error) => {
      if (error.message.includes('is not dialled now')) refused.push(error.message)
      if (refused.length === 20 - 2 - WAITING) late()
    })
  }
  await beyond
  expect(dialled.length).toBeLessThan(20 - refused.length)
})

test.each([
  ['/ip4/10.0.0.1/tcp/1', '10.0.0.1', '10.0.0.1'],
  ['/ip6/::ffff:10.0.0.1/tcp/1', '10.0.0.1', '10.0.0.1'],
  ['/ip6/::ffff:a00:1/tcp/1', '10.0.0.1', '10.0.0.1'],
  ['/ip6/2001:db8:1:2:3::4/tcp/1', '2001:db8:1:2', '2001:db8:1:2'],
  ['/ip6zone/eth0/ip6/2001:db8:1:2::/tcp/1', '2001:db8:1:2', '2001:db8:1:2'],
  ['/dns4/one.example/tcp/1', '/dns4/one.example/tcp/1', '/dns'],
  ['/dnsaddr/10.0.0.1', '/dnsaddr/10.0.0.1', '/dns']
])('dials of %s count for %s, and for %s until a member has answered', (text, host, crowd) => {
  const dialled = dialledHost(multiaddr(text))
  expect([dialled, crowdOf(dialled)]).toEqual([host, crowd])
})

test('a member that answered at one port of a name proves nothing of its other ports', () => {
  const guard = new DialGuard(10, crowdOf)
  const at = (port: number): string => dialledHost(multiaddr(`/dns4/one.example/tcp/${port}`))
  guard.proved(at(1))
  let dials = 0
  for (let n = 0; n < 20; n++) guard.enter(at(1), 0, () => dials++)
  expect(dials).toBe(20)
  for (let port = 2; port < 22; port++) guard.enter(at(port), 0, () => dials++)
  expect(dials).toBe(22)
})

test('an IPv4 address inside IPv6 is the same host, and may be the loopback one', () => {
  const [mapped, plain] = ['/ip6/::ffff:127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2'].map((text) =>
    multiaddr(text)
  )
  expect([isLoopback(mapped!), isSameHost(mapped!, plain!)]).toEqual([true, true])
})
