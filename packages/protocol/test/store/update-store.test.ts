import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestKey, packKeys, type DigestKey } from '../../src/model/update.ts'
import type { Expiration } from '../../src/store/config.ts'
import { UpdateStore } from '../../src/store/update-store.ts'

const limits = { maxUpdates: 100, maxBytes: 1000, maxSeenDigests: 5, graceMs: 50 }

/** The key of a digest that only this test could mistake for another. */
const keyOf = (n: number): DigestKey =>
  digestKey(new Uint8Array(32).fill(n & 255).fill(n >> 8, 0, 1), 0)

function add(store: UpdateStore, n: number, nowMs: number): string {
  return store.add(new Uint8Array([n]), keyOf(n), nowMs).key
}

function activeNumbers(store: UpdateStore): number[] {
  return [...store.active()].map(({ content }) => content[0]!)
}

describe('expiration', () => {
  it('none: never', () => {
    const store = new UpdateStore({ mode: 'none' }, limits)
    const key = add(store, 1, 0)
    store.advance(1e15)
    expect(store.status(key)).toBe('active')
  })

  it('duration: at the very millisecond', () => {
    const store = new UpdateStore({ mode: 'duration', ms: 500 }, limits)
    const key = add(store, 1, 100)
    store.advance(599.9)
    expect(store.status(key)).toBe('active')
    store.advance(600)
    expect(store.status(key)).toBe('expired')
  })

  it('pushCount: after that many pushes, however long they take', () => {
    const store = new UpdateStore({ mode: 'pushCount', count: 3 }, limits)
    const stored = store.add(new Uint8Array([1]), keyOf(1), 0)
    store.pushed(packKeys([stored.key]), 1)
    store.advance(1e12)
    store.pushed(packKeys([stored.key]), 1e12)
    expect(store.status(stored.key)).toBe('active')
    store.pushed(packKeys([stored.key]), 1e12)
    expect(store.status(stored.key)).toBe('expired')
  })

  it('mostRecent: above count and margin the oldest expire, down to count', () => {
    const store = new UpdateStore({ mode: 'mostRecent', count: 4, margin: 0.5 }, limits)
    for (let n = 1; n <= 6; n++) add(store, n, n)
    expect(activeNumbers(store)).toEqual([1, 2, 3, 4, 5, 6])
    add(store, 7, 7)
    expect(activeNumbers(store)).toEqual([4, 5, 6, 7])
  })

  it('agrees with a simple model that checks every update every time', () => {
    const modes: fc.Arbitrary<Expiration> = fc.oneof(
      fc.record({ mode: fc.constant('duration' as const), ms: fc.integer({ min: 0, max: 40 }) }),
      fc.record({
        mode: fc.constant('mostRecent' as const),
        count: fc.integer({ min: 1, max: 8 }),
        margin: fc.constantFrom(0, 0.25, 1)
      }),
      fc.constant({ mode: 'none' as const })
    )
    const steps = fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 60 })
    fc.assert(
      fc.property(modes, steps, (expiration, gapsMs) => {
        const store = new UpdateStore(expiration, { ...limits, maxSeenDigests: 1000 })
        let twin: { n: number; atMs: number }[] = []
        let nowMs = 0
        gapsMs.forEach((gapMs, n) => {
          nowMs += gapMs
          store.advance(nowMs)
          if (expiration.mode === 'duration')
            twin = twin.filter(({ atMs }) => nowMs < atMs + expiration.ms)
          expect(activeNumbers(store)).toEqual(twin.map((each) => each.n))
          add(store, n, nowMs)
          twin.push({ n, atMs: nowMs })
          const most =
            expiration.mode === 'mostRecent' ? expiration.count * (1 + expiration.margin) : Infinity
          if (expiration.mode === 'mostRecent' && twin.length > most)
            twin = twin.slice(-expiration.count)
        })
      })
    )
  })
})

describe('age', () => {
  /** Adds an update that was submitted some time before it came. */
  const late = (store: UpdateStore, n: number, nowMs: number, submittedAtMs: number): DigestKey =>
    store.add(new Uint8Array([n]), keyOf(n), nowMs, submittedAtMs).key

  it('counts for a duration, not the time of arrival', () => {
    const store = new UpdateStore({ mode: 'duration', ms: 500 }, limits)
    late(store, 1, 100, 100)
    late(store, 2, 200, 50)
    late(store, 3, 300, 290)
    store.advance(550)
    expect(activeNumbers(store)).toEqual([1, 3])
    store.advance(600)
    expect(activeNumbers(store)).toEqual([3])
    store.advance(790)
    expect(activeNumbers(store)).toEqual([])
  })

  it('decides with mostRecent: an old update that arrives late expires first', () => {
    const store = new UpdateStore({ mode: 'mostRecent', count: 3, margin: 0 }, limits)
    late(store, 1, 10, 10)
    late(store, 2, 20, 20)
    late(store, 3, 30, 5)
    late(store, 4, 40, 40)
    expect(activeNumbers(store)).toEqual([1, 2, 4])
    late(store, 5, 50, 15)
    expect(activeNumbers(store)).toEqual([2, 4, 5])
  })

  it('that would expire at once is too old', () => {
    const lasting = new UpdateStore({ mode: 'duration', ms: 500 }, limits)
    expect([501, 500].map((atMs) => lasting.isTooOld(atMs, 1, 1000))).toEqual([false, true])
    const recent = new UpdateStore({ mode: 'mostRecent', count: 2, margin: 0 }, limits)
    late(recent, 1, 10, 10)
    expect(recent.isTooOld(0, 1, 10)).toBe(false)
    late(recent, 2, 20, 20)
    expect([9, 10].map((atMs) => recent.isTooOld(atMs, 1, 20))).toEqual([true, false])
    for (const expiration of [{ mode: 'none' }, { mode: 'pushCount', count: 1 }] as const)
      expect(new UpdateStore(expiration, limits).isTooOld(-1e9, 1, 0)).toBe(false)
  })
})

describe('mostRecent', () => {
  it('evicts the oldest for bytes', () => {
    const store = new UpdateStore(
      { mode: 'mostRecent', count: 100, margin: 0 },
      { ...limits, maxBytes: 10 }
    )
    for (let n = 1; n <= 3; n++) store.add(new Uint8Array(3).fill(n), keyOf(n), n)
    expect([store.hasCapacity(1, 10, 4), store.hasCapacity(1, 11, 4)]).toEqual([true, false])
    store.add(new Uint8Array(5).fill(4), keyOf(4), 4)
    expect([activeNumbers(store), store.activeBytes]).toEqual([[3, 4], 8])
  })

  it('bytes that were transferred away are not counted twice', () => {
    const store = new UpdateStore(
      { mode: 'mostRecent', count: 1, margin: 0 },
      { ...limits, maxBytes: 10 }
    )
    const content = new Uint8Array(6)
    store.add(content, keyOf(1), 1)
    structuredClone(content.buffer, { transfer: [content.buffer] })
    store.add(new Uint8Array(3), keyOf(2), 2)
    expect(store.activeBytes).toBe(3)
  })

  it('expires none before its minimal age, and until then a full store accepts none', () => {
    const store = new UpdateStore(
      { mode: 'mostRecent', count: 2, margin: 0, minAgeMs: 100 },
      limits
    )
    add(store, 1, 0)
    add(store, 2, 30)
    expect([store.hasCapacity(1, 1, 99), store.capacityInMs(99)]).toEqual([false, 1])
    expect([store.hasCapacity(1, 1, 100), store.capacityInMs(100)]).toEqual([true, 0])
    add(store, 3, 100)
    expect(activeNumbers(store)).toEqual([2, 3])
    expect(store.capacityInMs(100)).toBe(30)
  })

  it('other modes say when an update may fit', () => {
    const none = new UpdateStore({ mode: 'none' }, limits)
    add(none, 1, 0)
    expect(none.capacityInMs(0)).toBe(Infinity)
    const duration = new UpdateStore({ mode: 'duration', ms: 500 }, limits)
    add(duration, 1, 0)
    expect(duration.capacityInMs(200)).toBe(300)
  })
})

describe('of an expired update the store keeps', () => {
  it('its content for a while, for peers to which it was just offered', () => {
    const store = new UpdateStore({ mode: 'duration', ms: 10 }, limits)
    const key = add(store, 1, 0)
    store.advance(10)
    expect(store.servable(key)?.content).toEqual(new Uint8Array([1]))
    store.advance(59)
    expect(store.gauges().graceUpdates).toBe(1)
    store.advance(60)
    expect(store.servable(key)).toBeUndefined()
    expect(store.status(key)).toBe('expired')
  })

  it('crate flaw 25: its digest, up to a limit, the oldest forgotten first', () => {
    const store = new UpdateStore({ mode: 'duration', ms: 0 }, limits)
    const keys = Array.from({ length: 8 }, (_, n) => add(store, n, n))
    store.advance(100)
    expect(store.gauges().seenDigests).toBe(5)
    expect(keys.map((key) => store.status(key))).toEqual([
      ...Array(3).fill('unknown'),
      ...Array(5).fill('expired')
    ])
  })
})

describe('limits', () => {
  it('count and bytes of active updates', () => {
    const store = new UpdateStore({ mode: 'none' }, { ...limits, maxUpdates: 2, maxBytes: 10 })
    store.add(new Uint8Array(6), keyOf(1), 0)
    expect([
      store.hasCapacity(1, 4, 0),
      store.hasCapacity(1, 5, 0),
      store.hasCapacity(2, 1, 0)
    ]).toEqual([true, false, false])
    expect([store.activeUpdates, store.activeBytes]).toEqual([1, 6])
  })

  it('updates in their grace period are evicted for active ones', () => {
    const store = new UpdateStore({ mode: 'pushCount', count: 1 }, { ...limits, maxUpdates: 3 })
    for (let n = 0; n < 3; n++) {
      store.pushed(packKeys([store.add(new Uint8Array(1), keyOf(n), 0).key]), 0)
    }
    expect(store.gauges().graceUpdates).toBe(3)
    add(store, 9, 1)
    expect([store.activeUpdates, store.gauges().graceUpdates]).toEqual([1, 2])
  })
})
