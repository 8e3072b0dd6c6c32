import { GossipError } from '@rumormill/protocol'
import { describe, expect, test } from 'vitest'
import { AbortWatch } from '../src/abort-watch.ts'
import { OutQueue } from '../src/out-queue.ts'

const limits = { queuedBytesPerLane: 1_000_000, queuedFramesPerLane: 1000 }
/** The code of the error that `promise` rejects with, or its name. */
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error as GossipError).code ?? (error as Error).name
  )
const signal = (): AbortSignal => new AbortController().signal

describe('out-queue', () => {
  test('frames queued under one signal share a promise, up to the size of one write', () => {
    const queue = new OutQueue(limits, new AbortWatch())
    const one = signal()
    const promises = Array.from({ length: 300 }, () => queue.add(new Uint8Array(256), one))
    expect(new Set(promises).size).toBe(2)
    expect(queue.add(new Uint8Array(1), signal())).not.toBe(promises[299])
  })

  test('a write takes several parcels when they are small, and settles only those', async () => {
    const queue = new OutQueue(limits, new AbortWatch())
    const settled: string[] = []
    const track = (name: string, promise: Promise<void> | undefined): unknown =>
      promise!.then(() => settled.push(name))
    track('a', queue.add(new Uint8Array(10), signal()))
    track('b', queue.add(new Uint8Array(10), signal()))
    track('c', queue.add(new Uint8Array(65_000), signal()))
    track('d', queue.add(new Uint8Array(65_000), signal()))
    expect(queue.take().map((frame) => frame.length)).toEqual([10, 10, 65_000])
    expect(queue.take().map((frame) => frame.length)).toEqual([65_000])
    expect([queue.writes, queue.hasWaiting]).toEqual([2, false])
    queue.taken()
    await Promise.resolve()
    expect([settled, queue.bytes]).toEqual([['a', 'b', 'c'], 65_004])
    queue.taken()
    await Promise.resolve()
    expect([settled, queue.bytes, queue.isEmpty]).toEqual([['a', 'b', 'c', 'd'], 0, true])
  })

  test('is full by frames and by bytes, what is under way included', () => {
    const queue = new OutQueue(
      { queuedBytesPerLane: 100, queuedFramesPerLane: 3 },
      new AbortWatch()
    )
    const one = signal()
    expect(queue.add(new Uint8Array(92), one)).toBeDefined()
    expect(queue.add(new Uint8Array(1), one)).toBeUndefined()
    queue.take()
    expect(queue.add(new Uint8Array(1), one)).toBeUndefined()
    queue.taken()
    for (let n = 0; n < 3; n++) expect(queue.add(new Uint8Array(1), one)).toBeDefined()
    expect(queue.add(new Uint8Array(1), one)).toBeUndefined()
  })

  test('an abort rejects with its reason; what has not left never will', async () => {
    const queue = new OutQueue(limits, new AbortWatch())
    const controller = new AbortController()
    const leaving = queue.add(bytes(1), controller.signal)!
    queue.take()
    const aborted = queue.add(bytes(2), controller.signal)!
    const kept = queue.add(bytes(3), signal())!
    controller.abort(new RangeError('enough'))
    expect(await codeOf(leaving)).toBe('RangeError')
    expect(await codeOf(aborted)).toBe('RangeError')
    expect(queue.take()).toEqual([bytes(3)])
    queue.taken()
    queue.taken()
    await kept
    expect([queue.bytes, queue.isEmpty]).toEqual([0, true])
  })

  test('an abort reaches all queues that wait under its signal', async () => {
    const aborts = new AbortWatch()
    const controller = new AbortController()
    const waiting = [new OutQueue(limits, aborts), new OutQueue(limits, aborts)].map((queue) =>
      queue.add(bytes(1), controller.signal)!
    )
    controller.abort(new RangeError('enough'))
    expect(await Promise.all(waiting.map(codeOf))).toEqual(['RangeError', 'RangeError'])
  })

  test('all queues together listen once to a signal, however often they wait', () => {
    const aborts = new AbortWatch()
    const [queue, other] = [new OutQueue(limits, aborts), new OutQueue(limits, aborts)]
    const { signal: watched, listeners } = countingSignal()
    void queue.add(new Uint8Array(65_000), watched)
    void queue.add(new Uint8Array(65_000), watched)
    void other.add(new Uint8Array(10), watched)
    expect(listeners()).toBe(1)
    other.take()
    other.taken()
    queue.take()
    queue.taken()
    expect(listeners()).toBe(1)
    queue.take()
    queue.taken()
    void queue.add(new Uint8Array(10), watched)
    void other.add(new Uint8Array(10), watched)
    expect(listeners()).toBe(1)
  })

  test('failing rejects what is under way and what waits', async () => {
    const queue = new OutQueue(limits, new AbortWatch())
    const leaving = queue.add(bytes(1), signal())!
    queue.take()
    const waiting = queue.add(bytes(2), signal())!
    queue.fail(new GossipError('CONNECTION_LOST', 'gone'))
    expect([await codeOf(leaving), await codeOf(waiting), queue.bytes]).toEqual([
      'CONNECTION_LOST',
      'CONNECTION_LOST',
      0
    ])
  })
})

function bytes(value: number): Uint8Array {
  return Uint8Array.of(value)
}

/** A signal that knows how many listen to it. */
function countingSignal(): { signal: AbortSignal; listeners: () => number } {
  const { signal: inner } = new AbortController()
  let count = 0
  const watched = new Proxy(inner, {
    get(target, key) {
      if (key === 'addEventListener')
        return () => {
          count++
        }
      if (key === 'removeEventListener')
        return () => {
          count--
        }
      return Reflect.get(target, key, target) as unknown
    }
  })
  return { signal: watched, listeners: () => count }
}
