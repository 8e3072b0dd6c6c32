/** How a proxy ends connections, and which faults it knows. */

import { describe, expect, test } from 'vitest'
import { tcpFaultProxy } from '../../../src/node/index.ts'
import { open, pattern, setUp, until } from './line.ts'

describe('connections', () => {
  test('are reset in the middle of what they carry', async () => {
    const { proxy, pair } = await setUp({ resetAfterBytes: 25 })
    const [client, target] = await pair()
    client.socket.write(pattern(100))
    expect([await client.outcome, await target.outcome]).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect([target.bytes().length <= 25, proxy.counts.resets, proxy.connections]).toEqual([
      true,
      1,
      0
    ])
  })

  test('are reset when asked for', async () => {
    const { proxy, pair } = await setUp()
    const [[client, target], [other]] = [await pair(), await pair()]
    proxy.reset()
    expect([await client.outcome, await target.outcome, await other.outcome]).toEqual([
      'ECONNRESET',
      'ECONNRESET',
      'ECONNRESET'
    ])
  })

  test('are closed one way, and late if so asked', async () => {
    const { pair } = await setUp({ closeAfterBytes: 25, closeDelayMs: 60 })
    const [client, target] = await pair()
    const startMs = performance.now()
    client.socket.write(pattern(100))
    await target.ended
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(59)
    expect(target.bytes().equals(pattern(25))).toBe(true)
    target.socket.end(pattern(10))
    await client.ended
    expect(client.bytes().equals(pattern(10))).toBe(true)
  })

  test('are accepted and never answered', async () => {
    const { proxy, dial, accepted } = await setUp({ swallow: true })
    const client = await dial()
    client.socket.write('anybody?')
    await until(() => proxy.counts.swallowedBytes === 8)
    expect([accepted.length, client.chunks, client.socket.destroyed]).toEqual([0, [], false])
  })

  test('are refused, when told so and where there is no target', async () => {
    const { proxy, dial, pair } = await setUp()
    proxy.refuse = true
    expect(await (await dial()).outcome).toBe('ECONNRESET')
    proxy.calm()
    await pair()
    proxy.target = undefined
    expect(await (await dial()).outcome).toBe('ECONNRESET')
    proxy.target = '127.0.0.1:1'
    expect(await (await dial()).outcome).toBe('ECONNRESET')
    await until(() => proxy.counts.resets === 3)
  })

  test('that one end breaks off are broken off at the other', async () => {
    const { pair } = await setUp()
    const [client, target] = await pair()
    client.socket.resetAndDestroy()
    expect(await target.outcome).toBe('ECONNRESET')
  })

  test('end when the proxy stops, and its port is free again', async () => {
    const { proxy, pair } = await setUp()
    const [client] = await pair()
    const { address } = proxy
    await Promise.all([proxy.stop(), proxy.stop()])
    await client.ended
    const port = Number(address.split(':')[1])
    const next = await tcpFaultProxy({ port })
    open.push(() => next.stop())
    expect(next.address).toBe(address)
    await expect(tcpFaultProxy({ port })).rejects.toMatchObject({ code: 'ADDRESS_UNAVAILABLE' })
  })
})

test.each([
  [{ sliceBytes: 0 }, 'sliceBytes'],
  [{ flip: 2 }, 'flip'],
  [{ delayMs: Infinity }, 'delayMs'],
  [{ loss: 0.1 }, 'loss is not'],
  [{ swallow: 1 }, 'swallow'],
  [{ bytesPerSecond: NaN }, 'bytesPerSecond']
])('refuses %j', async (wrong, name) => {
  await expect(tcpFaultProxy(wrong as object)).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(name)
  })
})
