import { afterEach, describe, expect, it } from 'vitest'
import { closed, codeOf, connection, hanging, hello, listening, say, stopAll } from './harness.ts'

afterEach(stopAll)

const never = new AbortController().signal

describe('inbound connections', () => {
  it('in total: silent ones are closed for new ones, the oldest first', async () => {
    const node = await listening({ maxInbound: 2 })
    for (let n = 1; n <= 4; n++) connection(node.port)
    await expect.poll(() => node.failures).toEqual(['OVERLOADED', 'OVERLOADED'])
    for (let n = 1; n <= 5; n++) await say(node.port, hello(`127.0.0.1:${n}`))
    await expect.poll(() => node.messages).toEqual([1, 2, 3, 4, 5].map((n) => `127.0.0.1:${n}`))
    expect(node.transport.stats()).toMatchObject({ refused: { 'host-full': 0 } })
    expect(node.transport.stats().refused['inbound-full']).toBeGreaterThanOrEqual(2)
  })

  it('of one host: its own oldest is closed, and the unfinished messages of others stay', async () => {
    const node = await listening({ maxInbound: 4, maxInboundPerHost: 2 })
    const correct = connection(node.port, '127.0.0.2')
    const message = hello('127.0.0.2:80')
    correct.write(message.slice(0, 5))
    await expect.poll(() => node.transport.stats().unfinishedBytes).toBe(5)
    const crowd = Array.from({ length: 10 }, () => connection(node.port, '127.0.0.3'))
    await expect.poll(() => node.transport.stats().refused['host-full']).toBe(8)
    await Promise.all(crowd.slice(0, 8).map(closed))
    correct.end(message.slice(5))
    await expect.poll(() => node.messages).toEqual(['127.0.0.2:80'])
    expect(node.transport.stats()).toMatchObject({
      inbound: 2,
      unfinishedBytes: 0,
      refused: { 'inbound-full': 0 }
    })
  })

  it('unfinished bytes: the connection with the most is closed', async () => {
    const node = await listening({ maxMessageBytes: 10_000, maxUnfinishedBytes: 20_000 })
    const sizes = [9000, 3000, 5000]
    const sockets = sizes.map((bytes) => {
      const socket = connection(node.port)
      socket.write(new Uint8Array(bytes))
      return socket
    })
    await expect.poll(() => node.transport.stats().unfinishedBytes).toBe(17_000)
    sockets[1]!.write(new Uint8Array(4000))
    await closed(sockets[0]!)
    expect(node.failures).toEqual(['OVERLOADED'])
    expect(node.transport.stats()).toMatchObject({
      inbound: 2,
      unfinishedBytes: 12_000,
      refused: { 'unfinished-full': 1, 'too-large': 0 }
    })
  })
})

describe('outbound connections', () => {
  it('to one address: further messages wait, and those to others do not', async () => {
    const node = await listening({ maxOutboundPerPeer: 3, maxWaitingPerPeer: 2 })
    const [slow, other] = [await hanging(), await listening()]
    const send = (to: string): Promise<unknown> =>
      codeOf(node.transport.send(to, new Uint8Array(8_000_000), { signal: never }))
    const toSlow = Array.from({ length: 6 }, () => send(slow.address))
    expect(await toSlow[5]).toBe('OVERLOADED')
    await expect.poll(() => slow.connections).toBe(3)
    expect(
      await codeOf(node.transport.send(other.address, hello(node.address), { signal: never }))
    ).toBe('taken')
    await expect.poll(() => other.messages).toEqual([node.address])
    await expect
      .poll(() => node.transport.stats())
      .toMatchObject({ outbound: 3, waiting: 2, refused: { 'waiting-full': 1 } })
    await node.transport.stop()
    expect(await Promise.all(toSlow.slice(0, 5))).toEqual(Array(5).fill('NOT_RUNNING'))
    await expect.poll(() => node.transport.stats()).toMatchObject({ outbound: 0, waiting: 0 })
  })

  it('in total: the oldest is closed, so that hanging hosts do not block others', async () => {
    const node = await listening({ maxOutbound: 2 })
    const [slow, other] = [await hanging(), await listening()]
    const send = (to: string, bytes: Uint8Array): Promise<unknown> =>
      codeOf(node.transport.send(to, bytes, { signal: never }))
    const toSlow = [1, 2].map(() => send(slow.address, new Uint8Array(8_000_000)))
    await expect.poll(() => slow.connections).toBe(2)
    expect(await send(other.address, hello(node.address))).toBe('taken')
    expect(await toSlow[0]).toBe('OVERLOADED')
    await expect.poll(() => other.messages).toEqual([node.address])
    expect(node.transport.stats().refused['outbound-full']).toBe(1)
  })

  it('to a peer that does not read: given up in time, with the waiting messages', async () => {
    const node = await listening({ messageMs: 200, maxOutboundPerPeer: 1 })
    const slow = await hanging()
    const sends = [1, 2, 3].map(() =>
      codeOf(node.transport.send(slow.address, new Uint8Array(8_000_000), { signal: never }))
    )
    expect(await Promise.all(sends)).toEqual(['TIMED_OUT', 'TIMED_OUT', 'TIMED_OUT'])
    expect(slow.connections).toBe(1)
    expect(node.transport.stats()).toMatchObject({ waiting: 0, refused: { 'write-late': 1 } })
  })

  it('to a peer that does not answer: given up in time', async () => {
    const [node, other] = [await listening({ connectMs: 1 }), await listening()]
    // From here on timers come before sockets, and the connection stands too late.
    await new Promise((resolve) => setImmediate(resolve))
    const sending = codeOf(
      node.transport.send(other.address, hello(node.address), { signal: never })
    )
    const untilMs = performance.now() + 10
    while (performance.now() < untilMs);
    expect(await sending).toBe('UNREACHABLE')
    expect(node.transport.stats().refused['connect-late']).toBe(1)
  })

  it('an aborted message waits no longer, and releases its connection', async () => {
    const node = await listening({ maxOutboundPerPeer: 1 })
    const slow = await hanging()
    const withdrawals = [1, 2].map(() => new AbortController())
    const sends = withdrawals.map(({ signal }) =>
      node.transport.send(slow.address, new Uint8Array(8_000_000), { signal })
    )
    await expect.poll(() => slow.connections).toBe(1)
    const reason = new Error('enough')
    for (const each of withdrawals.toReversed()) each.abort(reason)
    for (const each of sends) await expect(each).rejects.toBe(reason)
    await expect.poll(() => node.transport.stats()).toMatchObject({ outbound: 0, waiting: 0 })
  })
})
