/** The lifetime of an update is the update's own: nodes that join, restart or return do not prolong it. */

import { describe, expect, it } from 'vitest'
import { Lab, type LabNode } from './lab.ts'

const MINUTE_MS = 60_000

describe('with a duration', () => {
  it('updates expire at about the right time, however many nodes join', async () => {
    const lab = new Lab()
    const expiration = { mode: 'duration', ms: MINUTE_MS } as const
    const options = { preset: 'wan', store: { expiration } } as const
    await lab.many(5, options)
    await lab.pass(5000)
    const live = [...lab.nodes]
    const submitted: { digest: string; atMs: number }[] = []
    const lateMs: number[] = []
    let most = 0
    // Twenty minutes, in which every 15 s an update is submitted and a node replaced.
    for (let step = 1; step <= 80; step++) {
      const submission = live[step % 5]!.gossip.submit(lab.bytes(50))
      submitted.push({ digest: submission.digest, atMs: lab.clock.now() })
      await lab.pass(15_000)
      await lab.stop(live.shift()!, { graceMs: 0 })
      live.push(await lab.add({ ...options, seeds: live.map(({ gossip }) => gossip.address) }))
      most = Math.max(most, ...live.map(({ gossip }) => gossip.stats().activeUpdates))
      for (const each of submitted) {
        if (!live.some(({ gossip }) => gossip.status(each.digest) === 'active')) continue
        lateMs.push(lab.clock.now() - each.atMs - MINUTE_MS)
      }
    }
    expect(most).toBeLessThanOrEqual(5)
    // Ages leave out the time on the way, and are counted in units of 100 ms.
    expect(Math.max(...lateMs)).toBeLessThan(1000)
    // The newest has what was submitted in the minute before it came, and nothing older.
    expect(live.at(-1)!.got.size).toBeLessThanOrEqual(5)
  })

  it('a node that joins gets active updates, which expire there when they do elsewhere', async () => {
    const lab = new Lab()
    const options = { store: { expiration: { mode: 'duration', ms: MINUTE_MS } } } as const
    await lab.many(3, options)
    await lab.pass(5000)
    const { digest } = lab.nodes[0]!.gossip.submit(lab.bytes(50))
    await lab.pass(45_000)
    const late = await lab.add(options)
    await lab.pass(5000)
    expect(late.gossip.status(digest)).toBe('active')
    await lab.pass(9900)
    expect(late.gossip.status(digest)).toBe('active')
    await lab.pass(500)
    expect(lab.nodes.map(({ gossip }) => gossip.status(digest))).toEqual(Array(4).fill('expired'))
  })
})

describe('with mostRecent', () => {
  it('a node that comes back after a long time does not evict recent updates', async () => {
    const lab = new Lab()
    await lab.many(4, {
      store: { maxSeenDigests: 1000, expiration: { mode: 'mostRecent', count: 100, margin: 0 } }
    })
    await lab.pass(5000)
    const numbers = new Map<string, number>()
    const feed = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        const { digest } = lab.nodes[n % 3]!.gossip.submit(lab.bytes(50))
        numbers.set(digest, numbers.size)
        if (n % 5 === 0) await lab.pass(50)
      }
      await lab.pass(3000)
    }
    await feed(100)
    const [a, b, c, d] = lab.nodes.map(({ gossip }) => gossip.address)
    lab.network.partition([[a!, b!, c!], [d!]])
    await feed(1500)
    lab.network.heal()
    await lab.pass(20_000)
    const oldest = ({ gossip }: LabNode): number =>
      [...numbers].filter(([digest, n]) => n < 100 && gossip.status(digest) === 'active').length
    const newest = ({ gossip }: LabNode): number =>
      [...numbers].filter(([digest, n]) => n >= 1500 && gossip.status(digest) === 'active').length
    expect(lab.nodes.map(oldest)).toEqual([0, 0, 0, 0])
    for (const each of lab.nodes) expect(newest(each)).toBeGreaterThanOrEqual(95)
    expect(lab.nodes.map(({ twice }) => twice)).toEqual([0, 0, 0, 0])
  })

  it('old updates are evicted for the bytes of a burst, and submit works again after a while', async () => {
    const lab = new Lab()
    await lab.many(3, {
      store: { maxBytes: 2_000_000, expiration: { mode: 'mostRecent', count: 1000, margin: 0 } }
    })
    await lab.pass(5000)
    const last: string[] = []
    for (let n = 0; n < 60; n++) {
      last.push(lab.nodes[n % 3]!.gossip.submit(lab.bytes(100_000)).digest)
      await lab.pass(200)
    }
    await lab.pass(5000)
    for (const { gossip, got } of lab.nodes) {
      expect(gossip.stats().activeBytes).toBeLessThanOrEqual(2_000_000)
      expect(last.slice(-15).map((digest) => gossip.status(digest))).toEqual(
        Array(15).fill('active')
      )
      expect(got.size).toBe(40)
    }
  })

  it('a full store says when an update fits again, and accepts it then', async () => {
    const lab = new Lab()
    const { gossip } = await lab.add({
      store: { expiration: { mode: 'mostRecent', count: 10, margin: 0, minAgeMs: 6000 } }
    })
    for (let n = 0; n < 10; n++) gossip.submit(lab.bytes(50))
    await lab.pass(2000)
    const submit = (): unknown => {
      try {
        return gossip.submit(lab.bytes(50)).status
      } catch (error) {
        return error
      }
    }
    expect(submit()).toMatchObject({ code: 'STORE_FULL', retryAfterMs: 4000 })
    await lab.pass(3999)
    expect(submit()).toMatchObject({ code: 'STORE_FULL', retryAfterMs: 1 })
    await lab.pass(1)
    expect(submit()).toBe('accepted')
    expect(gossip.stats().activeUpdates).toBe(10)
  })
})
