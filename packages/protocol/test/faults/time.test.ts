/** Waits that are longer than the timers of the system, ports that hang, and what is left when a node has stopped. */

import { binaryCodec } from '@rumormill/codec-binary'
import { manualClock, memoryStorage, memoryDisk, memoryNetwork } from '@rumormill/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createGossip,
  staticPeers,
  type GossipEvent,
  type GossipOptions,
  type GossipService,
  type Transport
} from '../../src/index.ts'
import { systemClock } from '../../src/plugin.ts'
import { Lab } from './lab.ts'

const MONTH_MS = 30 * 24 * 3_600_000

const never = (): Promise<never> => new Promise(() => {})

describe('the clock of the system', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('wakes after a month, and not before', () => {
    const wake = vi.fn()
    systemClock.wakeAt(systemClock.now() + MONTH_MS, wake)
    vi.advanceTimersByTime(MONTH_MS - 1)
    expect(wake).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2)
    expect(wake).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not wake when it is cancelled, also after the first timer', () => {
    for (const passedMs of [0, MONTH_MS - 1]) {
      const cancel = systemClock.wakeAt(systemClock.now() + MONTH_MS, () => expect.unreachable())
      vi.advanceTimersByTime(passedMs)
      cancel()
      expect(vi.getTimerCount()).toBe(0)
    }
  })
})

it('leaves no timer behind when handler, validator and peer source hang', async () => {
  const lab = new Lab()
  const source = await lab.add()
  for (const hanging of [
    { onUpdate: never },
    { validate: never },
    { peerSource: { peers: never } }
  ] as Partial<GossipOptions>[]) {
    const node = await lab.add(hanging)
    await lab.pass(3000)
    source.gossip.submit(lab.bytes(10))
    await lab.pass(1000)
    await lab.stop(node, { graceMs: 0 })
    const before = node.events.length
    await lab.pass(60_000)
    expect(node.events.slice(before)).toEqual([])
  }
  await lab.stop(source, { graceMs: 0 })
  expect(lab.clock.pendingWakes).toBe(0)
})

describe('a start', () => {
  const clock = manualClock()

  function node(options: Partial<GossipOptions>): { gossip: GossipService; events: GossipEvent[] } {
    const events: GossipEvent[] = []
    const gossip = createGossip({
      transport: memoryNetwork({ clock }).transport(),
      codec: binaryCodec(),
      peerSource: staticPeers([]),
      handler: { onUpdate: () => {} },
      clock,
      observe: (event) => void events.push(event),
      ...options
    })
    return { gossip, events }
  }

  const transportWith = (changes: Partial<Transport>): Transport => {
    const { maxMessageBytes } = memoryNetwork().transport()
    const start = (): Promise<string> => Promise.resolve('a')
    const [send, stop] = [
      (): Promise<void> => Promise.resolve(),
      (): Promise<void> => Promise.resolve()
    ]
    return { maxMessageBytes, start, send, watch: () => {}, stop, ...changes }
  }

  const storage = { ...memoryStorage(memoryDisk()), load: never, close: () => Promise.resolve() }

  it.each([
    ['storage.load', 'STORAGE_FAILED', { storage }],
    ['transport.start', 'TRANSPORT_FAILED', { transport: transportWith({ start: never }) }]
  ])('ends when %s hangs, and says so; a stop ends it at once', async (name, code, options) => {
    for (const stops of [false, true]) {
      const { gossip } = node(options)
      const beforeMs = clock.now()
      const starting = gossip.start().then(
        () => expect.unreachable(),
        (error: Error) => ({ error, afterMs: clock.now() - beforeMs })
      )
      await clock.advance(1000)
      if (stops) void gossip.stop()
      await clock.advance(60_000)
      const { error, afterMs } = await starting
      expect(afterMs).toBe(stops ? 1000 : 30_000)
      expect(error).toMatchObject({ code: stops ? 'NOT_RUNNING' : code })
      if (!stops) expect(error.message).toContain(name)
    }
    expect(clock.pendingWakes).toBe(0)
  })

  it('rejects with the first error when the following stop fails, too, and reports that', async () => {
    const transport = transportWith({
      start: () => Promise.reject(new Error('no such interface')),
      stop: () => Promise.reject(new Error('nothing to close'))
    })
    const { gossip, events } = node({ transport })
    await expect(gossip.start()).rejects.toMatchObject({
      code: 'TRANSPORT_FAILED',
      cause: { message: 'no such interface' }
    })
    expect(events).toMatchObject([
      { kind: 'failed', error: { cause: { message: 'nothing to close' } } }
    ])
  })
})
