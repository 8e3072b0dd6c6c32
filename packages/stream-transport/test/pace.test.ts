/** The pace on a simulated path: a queue in front of a link of so many bytes per millisecond, under virtual time. */

import { describe, expect, test } from 'vitest'
import { Pace } from '../src/pace.ts'

const limits = { silentMs: 3000, answerMs: 2000 }

interface Path {
  bytesPerMs: number
  readonly oneWayMs: number
  /** After a rest, so much passes at once. */
  readonly burstBytes?: number
}

interface PathResult {
  readonly pace: Pace
  readonly sentBytes: number
  /** The longest time that a byte was under way, after the first second. */
  readonly longestMs: number
  /** The longest of all. */
  readonly longestEverMs: number
}

/** Sends as much as the pace allows for so long, in frames of at most a part. */
function saturate(path: Path, ms: number, change: (atMs: number) => void = () => {}): PathResult {
  const pace = new Pace(limits, 0)
  const arrivals: { atMs: number; bytes: number; ping: number | undefined; sentMs: number }[] = []
  arrivals.push({ atMs: path.oneWayMs, bytes: 0, ping: pace.firstPing(0), sentMs: 0 })
  const pongs: { atMs: number; number: number; bytes: number }[] = []
  let [sentBytes, receivedBytes, longestMs, longestEverMs] = [0, 0, 0, 0]
  let freeAtMs = -Infinity
  for (let nowMs = 0; nowMs < ms; nowMs++) {
    change(nowMs)
    while (arrivals.length > 0 && arrivals[0]!.atMs <= nowMs) {
      const { bytes, ping, sentMs } = arrivals.shift()!
      receivedBytes += bytes
      longestEverMs = Math.max(longestEverMs, nowMs - sentMs)
      if (sentMs > 1000) longestMs = Math.max(longestMs, nowMs - sentMs)
      if (ping !== undefined)
        pongs.push({ atMs: nowMs + path.oneWayMs, number: ping, bytes: receivedBytes })
    }
    while (pongs.length > 0 && pongs[0]!.atMs <= nowMs) {
      const { number, bytes } = pongs.shift()!
      pace.received(nowMs)
      pace.pong(number, bytes, nowMs)
      const ping = pace.pingWhenStuck(nowMs)
      if (ping !== undefined) {
        freeAtMs = Math.max(freeAtMs, nowMs)
        arrivals.push({ atMs: freeAtMs + path.oneWayMs, bytes: 0, ping, sentMs: nowMs })
      }
    }
    while (pace.freeBytes > 0) {
      const bytes = Math.min(pace.freeBytes, pace.partBytes)
      pace.sent(bytes, nowMs)
      sentBytes += bytes
      const burstMs = (path.burstBytes ?? 0) / path.bytesPerMs
      freeAtMs = Math.max(freeAtMs, nowMs - burstMs) + bytes / path.bytesPerMs
      const ping = pace.pingAfterWrite(true, nowMs)
      arrivals.push({ atMs: Math.max(freeAtMs, nowMs) + path.oneWayMs, bytes, ping, sentMs: nowMs })
    }
  }
  return { pace, sentBytes, longestMs, longestEverMs }
}

describe('the pace', () => {
  test.each([
    ['256 kbit/s', 32, 5],
    ['1 Mbit/s', 125, 20],
    ['100 Mbit/s', 12_500, 1],
    ['10 Mbit/s over 300 ms', 1250, 150],
    ['1 Gbit/s', 125_000, 0.1]
  ])('fills %s with at most 250 ms of unacknowledged bytes', (_, bytesPerMs, oneWayMs) => {
    const { sentBytes, longestMs } = saturate({ bytesPerMs, oneWayMs }, 20_000)
    expect(sentBytes / 20_000 / bytesPerMs).toBeGreaterThan(0.7)
    expect(longestMs).toBeLessThanOrEqual(250 + oneWayMs)
  })

  test.each([
    ['16 KiB', 16_384, 0.5],
    ['64 KiB', 65_536, 0.5],
    ['16 KiB, and is far', 16_384, 50]
  ])(
    'does not take a burst that a slow path lets through for its rate: %s',
    (_, burstBytes, oneWayMs) => {
      const path = { bytesPerMs: 32, oneWayMs, burstBytes }
      const { sentBytes, longestEverMs } = saturate(path, 10_000)
      expect(longestEverMs).toBeLessThanOrEqual(550)
      expect(sentBytes / 10_000 / 32).toBeGreaterThan(0.9)
    }
  )

  test('does not grow because of small writes that passed quickly', () => {
    const pace = new Pace(limits, 0)
    pace.pong(pace.firstPing(0)!, 0, 1)
    // Too little to be asked for, so it stays unacknowledged.
    for (let nowMs = 1000; nowMs < 2000; nowMs += 200) {
      pace.sent(200, nowMs)
      expect(pace.pingAfterWrite(false, nowMs)).toBeUndefined()
    }
    const pings: number[] = []
    while (pace.freeBytes > 0) {
      pace.sent(Math.min(2048, pace.freeBytes), 5000)
      const ping = pace.pingAfterWrite(true, 5000)
      if (ping !== undefined) pings.push(ping)
    }
    for (const ping of pings) pace.pong(ping, 0, 5001)
    expect(pace.freeBytes).toBeLessThanOrEqual(8192)
  })

  test.each([
    ['half a window after the last ping when nothing waits', false, 4096],
    ['a quarter of it when more bytes wait', true, 2048]
  ])('asks for a pong %s', (_, hasWaiting, dueBytes) => {
    const pace = new Pace(limits, 0)
    pace.firstPing(0)
    let sentBytes = 0
    do pace.sent(256, 0)
    while ((sentBytes += 256) < 8192 && pace.pingAfterWrite(hasWaiting, 0) === undefined)
    expect(sentBytes).toBe(dueBytes)
  })

  test('fills a fast path within a quarter of a second', () => {
    const { sentBytes } = saturate({ bytesPerMs: 12_500, oneWayMs: 1 }, 250)
    expect(sentBytes / 250 / 12_500).toBeGreaterThan(0.7)
  })

  test('returns to its window when a busy peer reads again', () => {
    const path = { bytesPerMs: 1000, oneWayMs: 10 }
    // What is sent in these 5 ms holds up all that follows for half a second.
    const { sentBytes } = saturate(path, 5000, (atMs) => {
      path.bytesPerMs = atMs >= 1000 && atMs < 1005 ? 10 : 1000
    })
    expect(sentBytes).toBeGreaterThan(0.8 * 4500 * 1000)
  })

  test('adapts to a path that becomes slower, and faster again', () => {
    const path = { bytesPerMs: 1000, oneWayMs: 10 }
    const { pace } = saturate(path, 12_000, (atMs) => {
      path.bytesPerMs = atMs < 3000 ? 1000 : 30
    })
    expect(pace.unacknowledgedBytes).toBeLessThanOrEqual(30 * 250)
    const again = saturate(path, 10_000, (atMs) => {
      path.bytesPerMs = atMs < 3000 ? 30 : 1000
    })
    expect(again.sentBytes).toBeGreaterThan(0.8 * 7000 * 1000)
  })

  test('a low rate is ignored while the sender is the limit', () => {
    const pace = new Pace(limits, 0)
    const before = pace.freeBytes
    pace.sent(10, 0)
    const number = pace.pingInSilence(5000, false)!
    pace.pong(number, 10, 5100)
    expect([pace.unacknowledgedBytes, pace.freeBytes]).toEqual([0, before])
  })

  test('pings a silent peer that was sent something, or is watched, and no other', () => {
    const pace = new Pace(limits, 0)
    expect(pace.pingInSilence(10_000, false)).toBeUndefined()
    expect(pace.pingInSilence(2999, true)).toBeUndefined()
    expect(pace.pingInSilence(3000, true)).toBeDefined()
    const owing = new Pace(limits, 0)
    owing.sent(10, 5)
    expect(owing.pingInSilence(2999, false)).toBeUndefined()
    expect(owing.pingInSilence(3000, false)).toBeDefined()
    // One is under way: another would say nothing new.
    expect(owing.pingInSilence(4000, false)).toBeUndefined()
  })

  test('a peer is dead after 2 s without a pong, or eight round trips, if nothing else arrives', () => {
    const pace = new Pace(limits, 0)
    pace.sent(10, 0)
    pace.pingInSilence(3000, false)
    expect(pace.deadMs(4999)).toBeUndefined()
    expect(pace.deadMs(5000)).toBe(5000)
    pace.received(4900)
    expect(pace.deadMs(5000)).toBeUndefined()
    expect(pace.deadMs(6900)).toBe(2000)
    const far = new Pace(limits, 0)
    far.pong(far.pingInSilence(3000, true)!, 0, 3500)
    far.received(3500)
    far.pingInSilence(6500, true)
    expect(far.deadMs(10_400)).toBeUndefined()
    expect(far.deadMs(10_500)).toBe(7000)
  })

  test('false acknowledgements neither block the stream nor exceed the sent bytes', () => {
    const pace = new Pace(limits, 0)
    pace.sent(5000, 0)
    const number = pace.pingAfterWrite(false, 0)!
    pace.pong(number + 1, 5000, 1)
    expect(pace.unacknowledgedBytes).toBe(5000)
    pace.pong(number, 2 ** 50, 1)
    expect(pace.unacknowledgedBytes).toBe(0)
    pace.sent(70_000, 1)
    pace.pong(pace.pingAfterWrite(false, 1)!, 0, 2)
    expect(pace.unacknowledgedBytes).toBe(0)
  })

  test('reports since when no bytes are acknowledged', () => {
    const pace = new Pace(limits, 0)
    expect(pace.stalledSinceMs).toBe(0)
    pace.sent(20_000, 100)
    expect(pace.stalledSinceMs).toBe(0)
    const first = pace.pingAfterWrite(true, 100)!
    expect(pace.stalledSinceMs).toBe(100)
    pace.sent(20_000, 150)
    const second = pace.pingAfterWrite(true, 150)!
    pace.pong(first, 20_000, 200)
    expect(pace.stalledSinceMs).toBe(200)
    pace.pong(second, 40_000, 300)
    expect(pace.stalledSinceMs).toBe(0)
  })

  test('reports the largest acknowledged and unacknowledged write', () => {
    const pace = new Pace(limits, 0)
    pace.sent(300, 0)
    pace.sent(2500, 0)
    const first = pace.pingAfterWrite(true, 0)!
    pace.sent(4000, 1)
    const second = pace.pingAfterWrite(true, 1)!
    pace.sent(100, 2)
    expect([pace.largestArrivedBytes, pace.largestUnderWayBytes]).toEqual([0, 4000])
    pace.pong(first, 2800, 10)
    expect([pace.largestArrivedBytes, pace.largestUnderWayBytes]).toEqual([2500, 4000])
    pace.pong(second, 6800, 11)
    expect([pace.largestArrivedBytes, pace.largestUnderWayBytes]).toEqual([4000, 100])
  })

  test('a peer without a due pong has not stalled', () => {
    const pace = new Pace(limits, 0)
    pace.pong(pace.firstPing(0)!, 0, 1)
    pace.sent(100, 100)
    expect(pace.pingAfterWrite(false, 100)).toBeUndefined()
    expect(pace.pingInSilence(20_000, true)).toBeDefined()
    expect(pace.stalledSinceMs).toBe(20_000)
  })
})
