/** Who may connect: limits by host, and room for newcomers. All of one machine is one host here, and has no limit of its own. */

import { connect, type Socket } from 'node:net'
import type { Connection, ConnectionGater, Libp2p, MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test } from 'vitest'
import { spareLink, type Link } from '../src/links.ts'
import { Admission, DEFAULT_ADMISSION } from '../src/node/admission.ts'
import { createNode } from '../src/node/index.ts'
import { codeOf, PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A connection that says nothing. */
function silent({ port }: Peer): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  sockets.push(socket.resume())
  return socket
}

describe('connections in their handshake', () => {
  test('the oldest of pendingConnections makes room, so that silent sockets keep nobody out', async () => {
    const victim = await startPeer({ admission: { pendingConnections: 20 } })
    const all = Array.from({ length: 25 }, () => silent(victim))
    await until('room for five', () => all.filter(({ destroyed }) => destroyed).length === 5)
    const newcomer = await startPeer()
    await newcomer.send(victim.address, Uint8Array.of(1))
    await until('the newcomer', () => victim.heard.length === 1)
    expect(victim.transport.stats().refused).toBeGreaterThanOrEqual(5)
    // The first is told at once, the others once a second with their number.
    await until('a count', () => victim.failures.length > 1)
    expect(victim.failures[0]).toMatchObject({
      code: 'OVERLOADED',
      message: expect.stringContaining('admission.pendingConnections') as string
    })
    expect(victim.failures.length).toBeLessThan(5)
  })
})

describe('connections that nobody uses', () => {
  test('the oldest of connections makes room, and those that are used stay', async () => {
    const victim = await startPeer({ admission: { connections: 6 } })
    const member = await startPeer()
    await member.send(victim.address, Uint8Array.of(1))
    await until('the member', () => victim.heard.length === 1)
    const idle: Connection[] = []
    for (let count = 0; count < 8; count++) {
      const stranger = await startNode({ listen: [] })
      idle.push(await stranger.dial(victim.node.getMultiaddrs()))
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    await until('room', () => victim.node.getConnections().length <= 6)
    await until('the end of the oldest', () => idle[0]!.status !== 'open')
    const newcomer = await startPeer()
    await newcomer.send(victim.address, Uint8Array.of(2))
    await until('the newcomer', () => victim.heard.length === 2)
    await member.send(victim.address, Uint8Array.of(3))
    await until('the member again', () => victim.heard.length === 3)
    expect(member.lost).toEqual([])
    expect(victim.failures[0]?.message).toContain('admission.connections')
  })
})

test('limits of admission are checked', async () => {
  const admission = { pendingPerHost: 0, unusedPerHosts: 3 } as never
  expect(await codeOf(createNode({ admission }))).toBe('INVALID_CONFIG')
})

describe('the gate, by itself', () => {
  /** A connection from `ip` in its handshake. */
  class Pending extends EventTarget {
    readonly remoteAddr
    aborted: string | undefined

    constructor(ip: string) {
      super()
      this.remoteAddr = multiaddr(`/ip4/${ip}/tcp/1`)
    }

    abort({ message }: Error): void {
      this.aborted = message
      this.dispatchEvent(new Event('close'))
    }
  }

  const begin = async (gater: ConnectionGater, ip: string): Promise<Pending> => {
    const pending = new Pending(ip)
    await gater.denyInboundConnection!(pending as unknown as MultiaddrConnection)
    return pending
  }

  test('of one host the oldest handshake beyond pendingPerHost goes', async () => {
    const gater = new Admission({ ...DEFAULT_ADMISSION, pendingPerHost: 2 }).gater()
    const all = [await begin(gater, '10.0.0.2')]
    for (let n = 0; n < 3; n++) all.push(await begin(gater, '10.0.0.1'))
    expect(all.map(({ aborted }) => aborted?.replace(/.*\(/, ''))).toEqual([
      undefined,
      'admission.pendingPerHost)',
      undefined,
      undefined
    ])
  })

  test('beyond pendingConnections the host with the most gives way, not the one that came first', async () => {
    const gater = new Admission({ ...DEFAULT_ADMISSION, pendingConnections: 3 }).gater()
    const correct = await begin(gater, '10.0.0.2')
    const others = [await begin(gater, '10.0.0.1'), await begin(gater, '10.0.0.1')]
    await begin(gater, '10.0.0.3')
    expect([correct, ...others].map(({ aborted }) => aborted !== undefined)).toEqual([
      false,
      true,
      false
    ])
  })

  test('of one host the oldest beyond unusedPerHost goes, if nobody has spoken on it', async () => {
    const aborted: number[] = []
    const connection = (n: number, ip: string, ...streams: string[]): Connection =>
      ({
        direction: 'inbound',
        status: 'open',
        streams: streams.map((protocol) => ({ protocol })),
        timeline: { open: n },
        remoteAddr: multiaddr(`/ip4/${ip}/tcp/1`),
        abort: () => aborted.push(n)
      }) as unknown as Connection
    const admission = new Admission({ ...DEFAULT_ADMISSION, unusedPerHost: 2 })
    const all = [
      connection(1, '10.0.0.1', '/other/1'),
      connection(2, '10.0.0.1', PROTOCOL),
      connection(3, '10.0.0.1'),
      connection(0, '10.0.0.2')
    ]
    admission.node = { getConnections: () => all } as unknown as Libp2p
    const upgraded = (ip: string): unknown =>
      admission.gater().denyInboundUpgradedConnection!(undefined as never, new Pending(ip) as never)
    await upgraded('10.0.0.2')
    expect(aborted).toEqual([])
    await upgraded('10.0.0.1')
    expect(aborted).toEqual([2])
  })

  test('asks the gater of the caller in everything', async () => {
    const asked: string[] = []
    const hooks = { denyDialPeer: () => true, denyInboundConnection: () => true }
    const inner = Object.fromEntries(
      Object.entries(hooks).map(([name, answer]) => [name, () => asked.push(name) > 0 && answer()])
    ) as ConnectionGater
    const gater = new Admission(DEFAULT_ADMISSION).gater(inner)
    expect(await gater.denyInboundConnection!(new Pending('10.0.0.1') as never)).toBe(true)
    expect(await gater.denyDialPeer!(undefined as never)).toBe(true)
    expect(asked).toEqual(['denyInboundConnection', 'denyDialPeer'])
  })
})

describe('the link that makes room', () => {
  const link = (peer: string, remoteHost: string, lastUsedMs: number, isIdle = true): Link =>
    ({ peer, out: { remoteHost, lastUsedMs, isIdle }, ins: [] }) as unknown as Link

  test('is of the host with the most links, and there the one unused longest', () => {
    const links = [link('a', 'one', 1), link('b', 'two', 3), link('c', 'two', 2)]
    expect(spareLink(links)?.peer).toBe('c')
    expect(spareLink([...links, link('d', 'one', 9), link('e', 'one', 9)])?.peer).toBe('a')
  })

  test('is none on which something waits to be written', () => {
    expect(spareLink([link('a', 'one', 1, false), link('b', 'two', 9)])?.peer).toBe('b')
    expect(spareLink([link('a', 'one', 1, false)])).toBeUndefined()
  })

  test('may be one on which the peer alone writes', () => {
    const inbound = { peer: 'in', out: undefined, ins: [{ remoteHost: 'one', lastUsedMs: 0 }] }
    expect(spareLink([inbound as unknown as Link, link('b', 'two', 9)])?.peer).toBe('in')
  })
})
