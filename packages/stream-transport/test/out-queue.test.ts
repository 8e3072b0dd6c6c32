import { GossipError } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import { AbortWatch } from '../src/abort-watch.ts'
import { ByteBudget } from '../src/byte-budget.ts'
import { FRAME_KIND, type OutFrame } from '../src/frame.ts'
import { OutQueue, type QueueLimits } from '../src/out-queue.ts'

const limits = { queuedBytesPerConnection: 1_000_000, queuedFramesPerConnection: 1000 }
/** The code of the error that `promise` rejects with, or its name. */
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error as GossipError).code ?? (error as Error).name
  )
const signal = (): AbortSignal => new AbortController().signal

function queueOf(most: QueueLimits = limits, aborts: AbortWatch = new AbortWatch()): OutQueue {
  const share = { aborts, queued: new ByteBudget(2 ** 30) }
  return new OutQueue(most, share, { heldBytes: 0, evict: () => {} })
}

/** Of messages of up to 64 KiB in one piece. */
function add(queue: OutQueue, message: Uint8Array, by: AbortSignal): Promise<void> | undefined {
  return queue.add(message, by, 65_536)
}

function take(queue: OutQueue, roomBytes: number = 65_540): OutFrame[] {
  return framesOf(queue, roomBytes, 65_536)
}

function framesOf(queue: OutQueue, roomBytes: number, partBytes: number): OutFrame[] {
  const frames: OutFrame[] = []
  queue.take(frames, roomBytes, partBytes, false)
  return frames
}

function sizes(frames: readonly OutFrame[]): number[] {
  return frames.map((frame) => (frame instanceof Uint8Array ? frame : frame.body).length)
}

describe('out-queue', () => {
  test('messages queued with one signal share a promise, up to the size of one write', () => {
    const queue = queueOf()
    const one = signal()
    const promises = Array.from({ length: 300 }, () => add(queue, new Uint8Array(256), one))
    expect(new Set(promises).size).toBe(2)
    expect(add(queue, new Uint8Array(1), signal())).not.toBe(promises[299])
  })

  test('a write takes several parcels when they are small, and settles only those', async () => {
    const queue = queueOf()
    const settled: string[] = []
    const track = (name: string, promise: Promise<void> | undefined): unknown =>
      promise!.then(() => settled.push(name))
    track('a', add(queue, new Uint8Array(10), signal()))
    track('b', add(queue, new Uint8Array(10), signal()))
    track('c', add(queue, new Uint8Array(65_000), signal()))
    track('d', add(queue, new Uint8Array(65_000), signal()))
    expect(sizes(take(queue))).toEqual([10, 10, 65_000])
    expect(sizes(take(queue))).toEqual([65_000])
    expect([queue.writes, queue.hasWaiting]).toEqual([2, false])
    queue.taken()
    await Promise.resolve()
    expect([settled, queue.bytes]).toEqual([['a', 'b', 'c'], 65_004])
    queue.taken()
    await Promise.resolve()
    expect([settled, queue.bytes, queue.isEmpty]).toEqual([['a', 'b', 'c', 'd'], 0, true])
  })

  test('is full by messages and by bytes, pending writes included', () => {
    const queue = queueOf({ queuedBytesPerConnection: 100, queuedFramesPerConnection: 3 })
    const one = signal()
    expect(add(queue, new Uint8Array(92), one)).toBeDefined()
    expect(add(queue, new Uint8Array(1), one)).toBeUndefined()
    take(queue)
    expect(add(queue, new Uint8Array(1), one)).toBeUndefined()
    queue.taken()
    for (let n = 0; n < 3; n++) expect(add(queue, new Uint8Array(1), one)).toBeDefined()
    expect(add(queue, new Uint8Array(1), one)).toBeUndefined()
  })

  test('an abort rejects with its reason and discards what was not yet written', async () => {
    const queue = queueOf()
    const controller = new AbortController()
    const leaving = add(queue, bytes(1), controller.signal)!
    take(queue)
    const aborted = add(queue, bytes(2), controller.signal)!
    const kept = add(queue, bytes(3), signal())!
    controller.abort(new RangeError('enough'))
    expect(await codeOf(leaving)).toBe('RangeError')
    expect(await codeOf(aborted)).toBe('RangeError')
    expect(take(queue)).toEqual([bytes(3)])
    queue.taken()
    queue.taken()
    await kept
    expect([queue.bytes, queue.isEmpty]).toEqual([0, true])
  })

  test('an abort reaches all queues with messages of its signal', async () => {
    const aborts = new AbortWatch()
    const controller = new AbortController()
    const waiting = [queueOf(limits, aborts), queueOf(limits, aborts)].map((queue) =>
      add(queue, bytes(1), controller.signal)!
    )
    controller.abort(new RangeError('enough'))
    expect(await Promise.all(waiting.map(codeOf))).toEqual(['RangeError', 'RangeError'])
  })

  test('all queues together add one listener to a signal', () => {
    const aborts = new AbortWatch()
    const [queue, other] = [queueOf(limits, aborts), queueOf(limits, aborts)]
    const { signal: watched, listeners } = countingSignal()
    void add(queue, new Uint8Array(65_000), watched)
    void add(queue, new Uint8Array(65_000), watched)
    void add(other, new Uint8Array(10), watched)
    expect(listeners()).toBe(1)
    take(other)
    other.taken()
    take(queue)
    queue.taken()
    expect(listeners()).toBe(1)
    take(queue)
    queue.taken()
    void add(queue, new Uint8Array(10), watched)
    void add(other, new Uint8Array(10), watched)
    expect(listeners()).toBe(1)
  })

  test('a large message is sent in parts, small ones are sent between them, and neither starves', async () => {
    const queue = queueOf()
    const large = Uint8Array.from({ length: 5000 }, (_, index) => index)
    const taken = queue.add(large, signal(), 1000)!
    void queue.add(new Uint8Array(900), signal(), 1000)
    const parts: Uint8Array[] = []
    for (let write = 0; queue.hasWaiting; write++) {
      // There is always something small, and more than fits.
      for (let n = 0; n < 3; n++) void queue.add(new Uint8Array(900), signal(), 1000)
      const frames = framesOf(queue, 2000, 1000)
      for (const frame of frames) if (!(frame instanceof Uint8Array)) parts.push(frame.body)
      expect(frames.some((frame) => frame instanceof Uint8Array)).toBe(true)
      const last = frames.at(-1)!
      expect(
        last instanceof Uint8Array ||
          last.kind === FRAME_KIND.part ||
          last.kind === FRAME_KIND.lastPart
      ).toBe(true)
      if (last instanceof Uint8Array || last.kind === FRAME_KIND.lastPart) break
      expect(write).toBeLessThan(20)
    }
    expect(Buffer.compare(Buffer.concat(parts), large)).toBe(0)
    while (queue.writes > 0) queue.taken()
    await taken
  })

  test('a message that has begun is finished though it was aborted: half a message would block all others', async () => {
    const queue = queueOf()
    const controller = new AbortController()
    const begun = queue.add(new Uint8Array(5000), controller.signal, 1000)!
    const next = queue.add(new Uint8Array(5000), controller.signal, 1000)!
    framesOf(queue, 1000, 1000)
    controller.abort(new RangeError('enough'))
    expect([await codeOf(begun), await codeOf(next)]).toEqual(['RangeError', 'RangeError'])
    const rest: OutFrame[] = []
    while (queue.hasWaiting) rest.push(...framesOf(queue, 1000, 1000))
    expect(sizes(rest)).toEqual([1000, 1000, 1000, 1000])
    while (queue.writes > 0) queue.taken()
    expect([queue.bytes, queue.isEmpty]).toEqual([0, true])
  })

  test('when all queues together are full, the one without progress for longest is evicted', () => {
    const share = { aborts: new AbortWatch(), queued: new ByteBudget(10_000) }
    const evicted: string[] = []
    const queues = ['first', 'second', 'third'].map((name) => {
      const queue: OutQueue = new OutQueue(limits, share, {
        heldBytes: 0,
        evict: () => {
          evicted.push(name)
          queue.fail(new GossipError('OVERLOADED', 'evicted'))
        }
      })
      return queue
    })
    const [first, second, third] = queues as [OutQueue, OutQueue, OutQueue]
    const one = signal()
    const promises = queues.map((queue) => add(queue, new Uint8Array(3000), one)!)
    for (const promise of promises) promise.catch(() => {})
    // The first is read, and so has been waited for less long than the second.
    void add(first, new Uint8Array(100), one)
    take(first, 3100)
    first.taken()
    add(third, new Uint8Array(6000), signal())?.catch(() => {})
    expect([evicted, second.isEmpty, share.queued.bytes]).toEqual([
      ['second'],
      true,
      first.bytes + third.bytes
    ])
    // Who pays next may not add anything itself.
    expect(add(first, new Uint8Array(9000), signal())).toBeDefined()
    expect(evicted).toEqual(['second', 'third'])
    expect(add(first, new Uint8Array(9000), signal())).toBeUndefined()
  })

  test('failing rejects pending writes and queued messages', async () => {
    const queue = queueOf()
    const leaving = add(queue, bytes(1), signal())!
    take(queue)
    const waiting = add(queue, bytes(2), signal())!
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
