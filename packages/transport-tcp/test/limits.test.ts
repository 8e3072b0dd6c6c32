/** One test for each limit and each deadline, over real sockets. Work done is asserted, not only the outcome. */

import { FRAME_KIND, packFrames } from '@rumormill/stream-transport'
import { describe, expect, test } from 'vitest'
import { decodeHello } from '../src/hello.ts'
import {
  admitted,
  bytesOf,
  codeOf,
  deafListener,
  hello,
  startNode,
  frozenListener,
  strangeListener,
  strangerTo,
  until,
  type Stranger
} from './harness.ts'

describe('limits', () => {
  test('connections without a hello: the oldest is closed, so that no newcomer is kept out', async () => {
    const b = await startNode({ limits: { pendingConnections: 3 } })
    const silent = [
      await strangerTo(b.address),
      await strangerTo(b.address),
      await strangerTo(b.address)
    ]
    await until(() => expect(b.transport.stats().pending).toBe(3))
    await admitted(b.address, 1)
    await silent[0]!.closed
    expect(b.transport.stats()).toMatchObject({
      pending: 2,
      inboundConnections: 1,
      refused: { 'pending-full': 1 }
    })
    expect(silent.map(({ socket }) => socket.destroyed)).toEqual([true, false, false])
    expect(b.failures.map(({ code }) => code)).toEqual(['OVERLOADED'])
  })

  test('dials to a host on which no member has answered: two a second; all at once when one answers', async () => {
    const a = await startNode()
    const dialledMs: number[] = []
    const deaf = await Promise.all(
      Array.from({ length: 12 }, () =>
        strangeListener(({ socket }) => {
          dialledMs.push(performance.now())
          socket.destroy()
        })
      )
    )
    const sends = deaf.map((address) => codeOf(a.send(address, bytesOf(1))))
    expect(a.transport.stats()).toMatchObject({ dialled: 2, refused: { 'unproved-host': 2 } })
    await until(() => expect(dialledMs.length).toBeGreaterThan(3))
    expect(dialledMs[3]! - dialledMs[0]!).toBeGreaterThan(900)
    const member = await startNode()
    // It waits for its turn like the others, then proves that there are members.
    await until(() => member.send(a.address, bytesOf(2)))
    expect(await Promise.all(sends)).toEqual(deaf.map(() => 'UNREACHABLE'))
    expect(a.transport.stats().dialled).toBe(10)
  })

  test('connections of one host without a message: a young one is not closed for another', async () => {
    const b = await startNode({ limits: { connectionsPerLoopbackHost: 1 } })
    await admitted(b.address, 1)
    const refused = await admitted(b.address, 3, '127.0.0.9')
    await refused.closed
    expect(decodeHello(refused.frames[0]!).status).toBe('full')
    expect(b.transport.stats().refused['host-full']).toBe(1)
  })

  test('connections of one host without a message: the oldest is closed after a second; those with messages stay', async () => {
    const b = await startNode({ limits: { connectionsPerLoopbackHost: 2 } })
    const spoken = await admitted(b.address, 9)
    spoken.say(bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    const idle = [await admitted(b.address, 1), await admitted(b.address, 2)]
    await new Promise((resolve) => setTimeout(resolve, 1100))
    await admitted(b.address, 3)
    await idle[0]!.closed
    expect([spoken, idle[1]!].map(({ socket }) => socket.destroyed)).toEqual([false, false])
    expect(idle[0]!.goodbyes).toEqual(['full'])
    expect(b.transport.stats()).toMatchObject({
      inboundConnections: 3,
      refused: { 'host-full': 1 }
    })
  })

  test('a flood of refused connections causes one report a second', async () => {
    const b = await startNode({ limits: { connectionsPerLoopbackHost: 1 } })
    await admitted(b.address, 1)
    const flood = await Promise.all(Array.from({ length: 50 }, () => strangerTo(b.address)))
    for (const [n, each] of flood.entries()) each.say(hello(`127.0.0.1:${n + 2}`))
    await Promise.all(flood.map(({ closed }) => closed))
    const counted = (): number =>
      b.failures.reduce(
        (sum, { message }) => sum + Number(/\((\d+) like it since/.exec(message)?.[1] ?? 1),
        0
      )
    await until(() => expect(counted()).toBe(50))
    expect(b.failures.length).toBeLessThan(20)
    expect(b.transport.stats().refused['host-full']).toBe(50)
  })

  test('inbound connections: the longest-idle one is closed', async () => {
    const b = await startNode({ limits: { inboundConnections: 2 } })
    const [first, second] = [await admitted(b.address, 1), await admitted(b.address, 2)]
    first.say(bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    await admitted(b.address, 3)
    await second.closed
    expect(b.transport.stats()).toMatchObject({ inboundConnections: 2, refused: { evicted: 1 } })
    expect(first.socket.destroyed).toBe(false)
  })

  test('inbound connections: one of the host with the most is closed', async () => {
    const b = await startNode({
      host: '127.0.0.1',
      limits: { inboundConnections: 3 },
      trustAdvertisedHosts: true
    })
    const alone = await admitted(b.address, 1, '127.0.0.2')
    const crowd = [await admitted(b.address, 2), await admitted(b.address, 3)]
    await admitted(b.address, 4)
    await crowd[0]!.closed
    expect([alone.socket.destroyed, crowd[1]!.socket.destroyed]).toEqual([false, false])
    expect(crowd[0]!.goodbyes).toEqual(['full'])
  })

  test('inbound connections: when none is idle, the newcomer is refused as full', async () => {
    const [a, b] = [await startNode(), await startNode({ limits: { inboundConnections: 1 } })]
    const busy = await admitted(b.address, 1)
    busy.socket.write(Buffer.from([0, 0, 0, 9, 1]))
    await until(() => expect(b.transport.stats().partialBytes).toBeGreaterThan(0))
    expect(await codeOf(a.send(b.address, bytesOf(1)))).toBe('OVERLOADED')
    expect(b.transport.stats().refused['inbound-connections-full']).toBe(1)
  })

  test('outbound connections: the least recently used is closed', async () => {
    const a = await startNode({ limits: { outboundConnections: 2 } })
    const [b, c, d] = [await startNode(), await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    await a.send(c.address, bytesOf(1))
    await a.send(b.address, bytesOf(2))
    await a.send(d.address, bytesOf(1))
    await until(() => expect(c.transport.stats().inboundConnections).toBe(0))
    expect(a.transport.stats()).toMatchObject({ outboundConnections: 2, refused: { evicted: 1 } })
    expect(b.transport.stats().inboundConnections).toBe(1)
  })

  test('outbound connections: one with queued messages is not closed', async () => {
    const a = await startNode({ limits: { outboundConnections: 1 } })
    const b = await startNode()
    const silent = await strangeListener(() => {})
    const waiting = codeOf(a.send(silent, bytesOf(1)))
    expect(await codeOf(a.send(b.address, bytesOf(1)))).toBe('OVERLOADED')
    expect(a.transport.stats().refused['outbound-connections-full']).toBe(1)
    await a.transport.stop()
    expect(await waiting).toBe('NOT_RUNNING')
  })

  test('the queue of a connection, in frames and in bytes; what was queued still arrives', async () => {
    const a = await startNode({
      limits: { queuedFramesPerConnection: 10, queuedBytesPerConnection: 2 ** 21 }
    })
    const b = await startNode()
    const small = await Promise.all(
      Array.from({ length: 12 }, () => codeOf(a.send(b.address, bytesOf(1))))
    )
    expect(small.filter((code) => code === 'OVERLOADED').length).toBe(2)
    const large = await Promise.all(
      Array.from({ length: 3 }, () => codeOf(a.send(b.address, new Uint8Array(2 ** 20 - 4))))
    )
    expect(large).toEqual(['no error', 'no error', 'OVERLOADED'])
    expect(a.transport.stats().refused['queue-full']).toBe(3)
    await until(() => expect(b.received.length).toBe(12))
  })

  test('messages: one longer than the limit, or empty, closes the connection', async () => {
    const b = await startNode()
    const part = packFrames([{ kind: FRAME_KIND.part, body: new Uint8Array(65_536) }])
    for (const [head, code, refusal] of [
      [Buffer.from([0, 1, 0, 1]), 'MESSAGE_TOO_LARGE', 'too-large'],
      [Buffer.from([0xff, 0xff, 0xff, 0xff]), 'MESSAGE_TOO_LARGE', 'too-large'],
      [Buffer.concat(Array<Uint8Array[]>(17).fill(part).flat()), 'MESSAGE_TOO_LARGE', 'too-large'],
      [Buffer.from([0, 0, 0, 0]), 'MALFORMED_MESSAGE', 'malformed']
    ] as const) {
      const stranger = await admitted(b.address, 1)
      stranger.say(bytesOf(7))
      stranger.socket.write(head)
      await stranger.closed
      expect(b.lost.at(-1)?.error.code).toBe(code)
      expect(b.transport.stats().refused[refusal]).toBeGreaterThan(0)
    }
    expect([b.received.length, b.lost.length, b.failures.length]).toEqual([4, 4, 0])
    expect(b.transport.stats().partialBytes).toBe(0)
  })

  test('half-received frames: the connection with the oldest is closed, the others go on', async () => {
    const b = await startNode({
      maxMessageBytes: 100_000,
      limits: { partialBytes: 150_000, queuedBytesPerConnection: 200_000, queuedBytes: 200_000 }
    })
    const [slow, fast] = [await admitted(b.address, 1), await admitted(b.address, 2)]
    const part = (kind: number, bytes: number): Buffer =>
      Buffer.concat(packFrames([{ kind, body: new Uint8Array(bytes) }]))
    const head = Buffer.concat([part(FRAME_KIND.part, 45_000), part(FRAME_KIND.part, 45_000)])
    slow.socket.write(head)
    await until(() => expect(b.transport.stats().partialBytes).toBeGreaterThan(80_000))
    fast.socket.write(head)
    await until(() => expect(b.transport.stats().refused['partial-full']).toBe(1))
    fast.socket.write(part(FRAME_KIND.lastPart, 10_000))
    await until(() => expect(b.received.map(({ from }) => from)).toEqual(['127.0.0.1:2']))
    await slow.closed
  })
})

describe('deadlines', () => {
  test('a host that does not accept is given up', async () => {
    const a = await startNode({ deadlines: { connectMs: 80 } })
    const address = await deafListener()
    // The kernel accepts a few for it; then it lets callers wait.
    let taken = 0
    for (let n = 0; n < 3; n++) void strangerTo(address).then(() => taken++)
    await until(() => expect(taken).toBe(2))
    expect(await codeOf(a.send(address, bytesOf(1)))).toBe('UNREACHABLE')
    expect(a.transport.stats()).toMatchObject({ dialling: 0, refused: { 'connect-late': 1 } })
  })

  test('a silent client is closed, and so is one whose hello trickles', async () => {
    const b = await startNode({ deadlines: { helloMs: 60 } })
    const [silent, trickling] = [await strangerTo(b.address), await strangerTo(b.address)]
    const trickle = setInterval(() => trickling.socket.write(Buffer.alloc(1)), 10)
    await Promise.all([silent.closed, trickling.closed])
    clearInterval(trickle)
    expect(b.failures.map(({ code }) => code)).toEqual(expect.arrayContaining(['TIMED_OUT']))
    expect(b.transport.stats()).toMatchObject({ pending: 0, inboundConnections: 0 })
  })

  test('a frame that arrives too slowly closes the connection in spite of its bytes', async () => {
    const b = await startNode({ deadlines: { frameMs: 60 } })
    const stranger = await admitted(b.address, 1)
    stranger.socket.write(Buffer.from([0, 1, 0, 0]))
    const trickle = setInterval(() => stranger.socket.write(Buffer.alloc(1)), 5)
    await stranger.closed
    clearInterval(trickle)
    expect(b.transport.stats().refused['frame-late']).toBe(1)
    expect([b.lost.map(({ error }) => error.code), b.received]).toEqual([['TIMED_OUT'], []])
    expect(b.transport.stats().partialBytes).toBe(0)
  })

  test('whole frames keep a busy connection open', async () => {
    const b = await startNode({ deadlines: { frameMs: 1000, idleMs: 1000 } })
    const stranger = await admitted(b.address, 1)
    // Each write ends one frame and begins the next, so that one is always half received.
    stranger.socket.write(Buffer.from([0, 0, 0, 2, 1]))
    const endMs = performance.now() + 1500
    let written = 0
    while (performance.now() < endMs) {
      stranger.socket.write(Buffer.from([2, 0, 0, 0, 2, 1]))
      written++
      await until(() => expect(b.received.length).toBe(written))
    }
  })

  test('an idle connection is closed on both sides without a report', async () => {
    const [a, b] = [await startNode({ deadlines: { idleMs: 50 } }), await startNode()]
    await a.send(b.address, bytesOf(1))
    await until(() =>
      expect(b.transport.stats()).toMatchObject({ inboundConnections: 0, accepted: 1 })
    )
    expect(a.transport.stats()).toMatchObject({ outboundConnections: 0, refused: { idle: 1 } })
    expect([...a.failures, ...b.failures]).toEqual([])
    await a.send(b.address, bytesOf(2))
    await until(() => expect(b.received.length).toBe(2))
  })

  test('a frozen peer is given up, and delays no other peer', async () => {
    const a = await startNode({
      limits: { queuedBytesPerConnection: 2 ** 26, queuedBytes: 2 ** 26 },
      // Long after everybody else has been served, also on a busy machine.
      deadlines: { writeMs: 3000, answerMs: 60_000 }
    })
    const b = await startNode()
    const { address: frozen } = await frozenListener()
    const stuck = Promise.all(
      Array.from({ length: 60 }, () => codeOf(a.send(frozen, new Uint8Array(2 ** 20))))
    )
    for (let n = 0; n < 50; n++) await a.send(b.address, bytesOf(n))
    await until(() => expect(b.received.length).toBe(50))
    expect(a.transport.stats().refused['write-late']).toBe(0)
    expect(await stuck).toContain('CONNECTION_LOST')
    expect(a.transport.stats()).toMatchObject({ queuedBytes: 0, refused: { 'write-late': 1 } })
    expect(a.lost.map(({ peer, error }) => [peer, error.code])).toEqual([[frozen, 'TIMED_OUT']])
  })

  test('a peer that is silent after a message to it is lost within silentMs and answerMs', async () => {
    const a = await startNode({ deadlines: { silentMs: 100, answerMs: 200 } })
    const { address: frozen, peers } = await frozenListener()
    await a.send(frozen, bytesOf(1))
    await until(() => expect(a.lost.length).toBe(1))
    expect(a.lost[0]).toMatchObject({ peer: frozen, error: { code: 'UNREACHABLE' } })
    expect(a.lost[0]!.error.message).toMatch(/has been silent for \d\.\d s and answers no ping/)
    expect([a.transport.stats().refused.silent, peers.length]).toEqual([1, 1])
  })

  test('a peer without messages to it may be silent, unless it is watched; answers to pings end its silence', async () => {
    const a = await startNode({ deadlines: { silentMs: 50, answerMs: 100, idleMs: 1000 } })
    const strangers: Stranger[] = []
    for (const port of [1, 2, 3]) {
      const stranger = await strangerTo(a.address)
      stranger.isSilent = port !== 3
      stranger.say(hello(`127.0.0.1:${port}`))
      strangers.push(stranger)
    }
    await until(() => expect(a.transport.stats().inboundConnections).toBe(3))
    a.transport.watch(['127.0.0.1:2', '127.0.0.1:3'])
    await strangers[1]!.closed
    expect(a.lost.map(({ peer }) => peer)).toEqual(['127.0.0.1:2'])
    // The first leaves in peace when it has been idle for long; the third stays, because it is watched.
    await strangers[0]!.closed
    expect(strangers[0]!.goodbyes).toEqual(['idle'])
    expect([a.lost.length, strangers[2]!.socket.destroyed]).toEqual([1, false])
  })

  test('the queues of all connections together: the one whose peer has not read for longest is closed', async () => {
    const limits = { queuedBytes: 3_000_000, queuedBytesPerConnection: 2_000_000 }
    const a = await startNode({ limits, deadlines: { answerMs: 60_000, writeMs: 60_000 } })
    const frozen = [await frozenListener(), await frozenListener()]
    const b = await startNode()
    const stuck = frozen.map(({ address }) => codeOf(a.send(address, new Uint8Array(1_048_576))))
    await until(() => expect(a.transport.stats().outboundConnections).toBe(2))
    await a.send(b.address, new Uint8Array(1_048_576))
    expect(await stuck[0]).toBe('CONNECTION_LOST')
    expect(a.lost.map(({ peer, error }) => [peer, error.code])).toEqual([
      [frozen[0]!.address, 'OVERLOADED']
    ])
    expect(a.transport.stats().refused['queued-full']).toBe(1)
    await until(() => expect(b.received.length).toBe(1))
  })
})
