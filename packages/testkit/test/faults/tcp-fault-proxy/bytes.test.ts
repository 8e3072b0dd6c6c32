/** What a proxy does to the bytes and the frames that pass it. */

import { packFrames } from '@rumormill/stream-transport'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../../../src/index.ts'
import { pattern, quiet, setUp, until } from './line.ts'

describe('bytes', () => {
  test('pass untouched both ways, in any amount, and each end by itself', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    const sent = pattern(3_000_000)
    client.socket.end(sent)
    await target.ended
    expect(target.bytes().equals(sent)).toBe(true)
    target.socket.end(sent)
    await client.ended
    expect(client.bytes().equals(sent)).toBe(true)
    expect([await client.outcome, await target.outcome]).toEqual(['closed', 'closed'])
    await until(() => proxy.connections === 0)
    expect(proxy.counts).toEqual({
      connections: 1,
      resets: 0,
      passedBytes: 6_000_000,
      swallowedBytes: 0,
      flippedBytes: 0,
      duplicatedFrames: 0
    })
  })

  test('are late by as much as was asked for, one way only if so asked', async () => {
    const clock = manualClock()
    const { proxy, pair } = await setUp({ clock })
    const [client, target] = await pair()
    proxy.set({ delayMs: { least: 100, most: 150 } }, 'to-target')
    client.socket.write('late')
    target.socket.write('soon')
    await until(() => client.bytes().toString() === 'soon')
    await until(() => clock.pendingWakes === 1)
    await clock.advance(99)
    // Nothing was passed on to the target, so nothing can arrive.
    expect([proxy.counts.passedBytes, target.chunks]).toEqual([4, []])
    await clock.advance(51)
    await until(() => target.bytes().toString() === 'late')
  })

  test('wait for a narrow line, and the sender with them', async () => {
    const { proxy, pair } = await setUp({ bytesPerSecond: 100_000 })
    const [client, target] = await pair()
    const startMs = performance.now()
    for (let part = 0; part < 10; part++) client.socket.write(pattern(2000))
    await until(() => target.bytes().length === 20_000)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(195)
    client.socket.write(Buffer.alloc(16 * 2 ** 20))
    // More than any socket holds back, and the line takes minutes for it.
    await until(() => proxy.counts.passedBytes > 60_000)
    expect(client.socket.writableLength).toBeGreaterThan(0)
  })

  test('come in slices', async () => {
    const { pair } = await setUp({ sliceBytes: 3 })
    const [client, target] = await pair()
    client.socket.end(pattern(100))
    await target.ended
    expect(target.bytes().equals(pattern(100))).toBe(true)
    expect(target.chunks.length).toBeGreaterThan(10)
  })

  test('are flipped: one where it was asked for, or some by chance', async () => {
    const { proxy, pair } = await setUp({ flipAfterBytes: 50 })
    const [client, target] = await pair()
    client.socket.write(pattern(30))
    await until(() => target.bytes().length === 30)
    client.socket.write(pattern(30))
    await until(() => target.bytes().length === 60)
    const expected = Buffer.concat([pattern(30), pattern(30)])
    expected[50]! ^= 0xff
    expect(target.bytes().equals(expected)).toBe(true)
    proxy.calm()
    proxy.set({ flip: 1 })
    client.socket.write(pattern(30))
    await until(() => target.bytes().length === 90)
    const wrong = target
      .bytes()
      .subarray(60)
      .filter((byte, index) => byte !== pattern(30)[index])
    expect([wrong.length, proxy.counts.flippedBytes]).toEqual([1, 2])
  })

  test('are swallowed', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    proxy.set({ swallow: true }, 'to-target')
    client.socket.write('into nothing')
    await until(() => proxy.counts.swallowedBytes === 12)
    target.socket.write('heard')
    await until(() => client.bytes().toString() === 'heard')
    proxy.set({ swallow: false })
    client.socket.write('back again')
    await until(() => target.bytes().toString() === 'back again')
  })

  test('stand still, and come after all', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    proxy.set({ stall: true }, 'to-target')
    client.socket.write(pattern(100_000))
    // What goes the other way has passed meanwhile.
    target.socket.write('heard')
    await until(() => client.bytes().toString() === 'heard')
    expect(target.chunks).toEqual([])
    proxy.set({ stall: false })
    await until(() => target.bytes().equals(pattern(100_000)))
  })
})

describe('frames', () => {
  const frames = [pattern(10), pattern(300), pattern(1), pattern(70_000)]
  const packed = (bodies: readonly Uint8Array[]): Buffer => Buffer.concat(packFrames(bodies))

  test.each([1, 5, 1000, 100_000])(
    'pass twice, all but the first, in chunks of %i',
    async (chunkBytes) => {
      const { proxy, pair } = await setUp({ duplicate: 1 })
      const [client, target] = await pair()
      const bodies = chunkBytes === 1 ? frames.slice(0, 3) : frames
      const sent = packed(bodies)
      for (let at = 0; at < sent.length; at += chunkBytes) {
        client.socket.write(sent.subarray(at, at + chunkBytes))
        if (sent.length / chunkBytes < 1000) await quiet(0)
      }
      client.socket.end()
      await target.ended
      expect(
        target
          .bytes()
          .equals(packed([bodies[0]!, ...bodies.slice(1).flatMap((body) => [body, body])]))
      ).toBe(true)
      expect(proxy.counts.duplicatedFrames).toBe(bodies.length - 1)
    }
  )

  test('pass twice also when that is asked for in the middle of one', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    const sent = packed(frames.slice(0, 3))
    client.socket.write(sent.subarray(0, 100))
    await until(() => target.bytes().length === 100)
    proxy.set({ duplicate: 1 })
    client.socket.end(sent.subarray(100))
    await target.ended
    expect(target.bytes().equals(packed([...frames.slice(0, 3), frames[2]!]))).toBe(true)
  })
})
