/** Limits on connections by host. All of loopback is one host, which has no limit per host. */

import { connect, type Socket } from 'node:net'
import type { Connection, ConnectionGater, Libp2p, MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createRng } from '@rumormill/protocol/plugin'
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
  test('beyond pendingConnections one is closed, so that silent sockets keep no peer out', async () => {
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

describe('unused connections', () => {
  test('the oldest is closed, and used ones stay open', async () => {
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
  const admission = { handshakesPerHost: 0, unusedPerHosts: 3 } as never
  expect(await codeOf(createNode({ admission }))).toBe('INVALID_CONFIG')
})

describe('the admission alone', () => {
  /** A connection from `ip` in its handshake. */
  class Pending extends EventTarget {
    readonly remoteAddr
    readonly timeline: { open: number }
    aborted: string | undefined

    constructor(ip: string, openMs: number) {
      super()
      this.remoteAddr = multiaddr(`/ip4/${ip}/tcp/1`)
      this.timeline = { open: openMs }
    }

    /** The handshake begins to read, and reads something. */
    speak(): void {
      let read = 0
      this.addEventListener('message', () => read++)
      this.dispatchEvent(new Event('message'))
      expect(read).toBe(1)
    }

    abort({ message }: Error): void {
      this.aborted = message
      this.dispatchEvent(new Event('close'))
    }
  }

  const begin = async (
    gater: ConnectionGater,
    ip: string,
    openMs: number = Date.now()
  ): Promise<Pending> => {
    const pending = new Pending(ip, openMs)
    await gater.denyInboundConnection!(pending as unknown as MultiaddrConnection)
    return pending
  }

  const isGone = ({ aborted }: Pending): boolean => aborted !== undefined

  test('of one host as many handshakes as handshakesPerHost may begin in a second', async () => {
    const gater = new Admission({ ...DEFAULT_ADMISSION, handshakesPerHost: 2 }).gater()
    const ofHost = [0, 1, 2].map(() => begin(gater, '10.0.0.1'))
    const all = await Promise.all([...ofHost, begin(gater, '10.0.0.2'), begin(gater, '127.0.0.1')])
    expect(all.filter(isGone)).toEqual([])
    for (const each of all) each.speak()
    expect(all.map(isGone)).toEqual([false, false, true, false, false])
    expect(all[2]!.aborted).toContain('(admission.handshakesPerHost)')
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const later = await begin(gater, '10.0.0.1')
    later.speak()
    expect(isGone(later)).toBe(false)
  })

  test('a random handshake is closed, so that one outlives many newcomers of its host', async () => {
    const limits = { ...DEFAULT_ADMISSION, pendingConnections: 64, handshakesPerHost: 1_000_000 }
    const gater = new Admission(limits, createRng(1)).gater()
    let survivors = 0
    for (let round = 0; round < 100; round++) {
      const newcomer = await begin(gater, '10.0.0.1')
      newcomer.speak()
      for (let n = 0; n < 64; n++) (await begin(gater, '10.0.0.1')).speak()
      if (!isGone(newcomer)) survivors++
    }
    // (1 - 1/64) to the power of 64 is 0.37.
    expect(survivors).toBeGreaterThan(20)
  })

  test('one that has sent nothing for half a second is closed first, then an older one that has sent bytes, a young one last', async () => {
    const limits = { ...DEFAULT_ADMISSION, pendingConnections: 20 }
    const gater = new Admission(limits, createRng(1)).gater()
    const longAgo = Date.now() - 60_000
    const speaking: Pending[] = []
    for (let n = 0; n < 10; n++) speaking.push(await begin(gater, '10.0.0.1', longAgo))
    for (const each of speaking) each.speak()
    const mute: Pending[] = []
    for (let n = 0; n < 10; n++) mute.push(await begin(gater, '10.0.0.1', longAgo))
    const young: Pending[] = []
    for (let n = 0; n < 10; n++) young.push(await begin(gater, '10.0.0.1', Date.now() + 60_000))
    const gone = (): number[] => [speaking, mute, young].map((each) => each.filter(isGone).length)
    expect(gone()).toEqual([0, 10, 0])
    for (let n = 0; n < 9; n++) (await begin(gater, '10.0.0.1', Date.now() + 60_000)).speak()
    expect(gone()).toEqual([9, 10, 0])
  })

  test('beyond pendingConnections one of the host with the most is closed, not the oldest', async () => {
    const limits = { ...DEFAULT_ADMISSION, pendingConnections: 3 }
    const gater = new Admission(limits, createRng(1)).gater()
    const correct = await begin(gater, '10.0.0.2')
    const others = [await begin(gater, '10.0.0.1'), await begin(gater, '10.0.0.1')]
    await begin(gater, '10.0.0.3')
    expect([isGone(correct), others.filter(isGone).length]).toEqual([false, 1])
  })

  test('of one host the oldest unused connection beyond unusedPerHost is closed', async () => {
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
      admission.gater().denyInboundUpgradedConnection!(
        undefined as never,
        new Pending(ip, 0) as never
      )
    await upgraded('10.0.0.2')
    expect(aborted).toEqual([])
    await upgraded('10.0.0.1')
    expect(aborted).toEqual([2])
  })

  test('forwards every call to the gater of the caller', async () => {
    const asked: string[] = []
    const hooks = { denyDialPeer: () => true, denyInboundConnection: () => true }
    const inner = Object.fromEntries(
      Object.entries(hooks).map(([name, answer]) => [name, () => asked.push(name) > 0 && answer()])
    ) as ConnectionGater
    const gater = new Admission(DEFAULT_ADMISSION).gater(inner)
    expect(await gater.denyInboundConnection!(new Pending('10.0.0.1', 0) as never)).toBe(true)
    expect(await gater.denyDialPeer!(undefined as never)).toBe(true)
    expect(asked).toEqual(['denyInboundConnection', 'denyDialPeer'])
  })
})

describe('the link that is closed for another one', () => {
  const link = (peer: string, remoteHost: string, lastUsedMs: number, isIdle = true): Link =>
    ({ peer, out: { remoteHost, lastUsedMs, isIdle }, ins: [] }) as unknown as Link

  test('is the longest-idle one of the host with the most links', () => {
    const links = [link('a', 'one', 1), link('b', 'two', 3), link('c', 'two', 2)]
    expect(spareLink(links)?.peer).toBe('c')
    expect(spareLink([...links, link('d', 'one', 9), link('e', 'one', 9)])?.peer).toBe('a')
  })

  test('is none with queued messages', () => {
    expect(spareLink([link('a', 'one', 1, false), link('b', 'two', 9)])?.peer).toBe('b')
    expect(spareLink([link('a', 'one', 1, false)])).toBeUndefined()
  })

  test('may be one on which only the peer writes', () => {
    const inbound = { peer: 'in', out: undefined, ins: [{ remoteHost: 'one', lastUsedMs: 0 }] }
    expect(spareLink([inbound as unknown as Link, link('b', 'two', 9)])?.peer).toBe('in')
  })
})
