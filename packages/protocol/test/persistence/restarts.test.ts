/** Checks what a node keeps, delivers and forgets over a restart, whenever it was stopped or killed. */

import { memoryStorage, memoryDisk } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import type { GossipOptions, GossipService, Storage, Update } from '../../src/index.ts'
import { createRng } from '../../src/plugin.ts'
import { bytes } from '../node/memory-group.ts'
import { digest, group, type PersistedNode } from './persisted-group.ts'

describe('a node that restarts', () => {
  it('keeps its updates, and delivers none again', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const [a, b] = [node('a', []), node('b', ['a'], memoryStorage(disk))]
    for (const { gossip } of [a, b]) await gossip.start()
    await clock.advance(1000)
    a.gossip.submit(bytes('theirs'))
    b.gossip.submit(bytes('own'))
    await clock.advance(2000)
    expect([a.updates, b.updates]).toEqual([['own'], ['theirs']])
    kill('b', disk)
    const again = node('b', ['a'], memoryStorage(disk))
    await again.gossip.start()
    expect(['own', 'theirs'].map((text) => again.gossip.status(digest(text)))).toEqual([
      'active',
      'active'
    ])
    await clock.advance(5000)
    expect([a.updates, again.updates]).toEqual([['own'], []])
    // It still serves both.
    const late = node('c', ['b'])
    await a.gossip.stop()
    await late.gossip.start()
    await clock.advance(5000)
    expect(late.updates.toSorted()).toEqual(['own', 'theirs'])
  })

  it('delivers what the handler had not had, in order, and the update of the interrupted call again', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const taken: string[] = []
    const slow = {
      handler: {
        onUpdate: ({ content }: Update): Promise<void> => {
          taken.push(new TextDecoder().decode(content))
          return taken.length < 3 ? Promise.resolve() : new Promise(() => {})
        }
      }
    }
    const [a, b] = [node('a', []), node('b', ['a'], memoryStorage(disk), slow)]
    for (const { gossip } of [a, b]) await gossip.start()
    await clock.advance(1000)
    for (const text of ['1', '2', '3', '4', '5']) a.gossip.submit(bytes(text))
    await clock.advance(2000)
    expect([taken, b.gossip.stats().waitingUpdates]).toEqual([['1', '2', '3'], 2])
    kill('b', disk)
    const again = node('b', [], memoryStorage(disk))
    await again.gossip.start()
    await clock.advance(1)
    expect(again.updates).toEqual(['3', '4', '5'])
    await clock.advance(2000)
    await again.gossip.stop()
    const third = node('b', [], memoryStorage(disk))
    await third.gossip.start()
    await clock.advance(2000)
    expect(third.updates).toEqual([])
  })

  it('reports what waits for the handler at stop as dropped only if it is not in storage', async () => {
    const hangs: Partial<GossipOptions> = {
      handler: { onUpdate: () => new Promise(() => {}) },
      storageOptions: { retryMs: 60_000 }
    }
    const stopsWithThree = async (
      storage: Storage | undefined,
      beforeLast: () => void
    ): Promise<PersistedNode> => {
      const { clock, node } = group()
      const [a, b] = [node('a', []), node('b', ['a'], storage, hangs)]
      for (const { gossip } of [a, b]) await gossip.start()
      await clock.advance(1000)
      for (const text of ['1', '2', '3']) a.gossip.submit(bytes(text))
      await clock.advance(2000)
      beforeLast()
      a.gossip.submit(bytes('4'))
      await clock.advance(2000)
      expect(b.gossip.stats().waitingUpdates).toBe(3)
      await b.gossip.stop()
      return b
    }
    expect((await stopsWithThree(undefined, () => {})).dropped()).toBe(3)
    const disk = memoryDisk()
    expect((await stopsWithThree(memoryStorage(disk), () => {})).dropped()).toBe(0)
    expect(disk.state.updates.map(({ digest: each, handled }) => [each, handled])).toEqual(
      ['1', '2', '3', '4'].map((text) => [digest(text), false])
    )
    // The last one never gets to the disk.
    const full = memoryDisk()
    const b = await stopsWithThree(memoryStorage(full), () => full.fail(new Error('disk full')))
    expect([b.dropped(), full.state.updates.length, b.codes().includes('STORAGE_FAILED')]).toEqual([
      1,
      3,
      true
    ])
  })

  it('continues expiration: durations run while it is down, and expired updates stay expired', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const start = async (): Promise<GossipService> => {
      const { gossip } = node('a', [], memoryStorage(disk), {
        store: { expiration: { mode: 'duration', ms: 10_000 } }
      })
      await gossip.start()
      return gossip
    }
    let a = await start()
    a.submit(bytes('early'))
    await clock.advance(4000)
    a.submit(bytes('late'))
    await clock.advance(1000)
    await a.stop()
    await clock.advance(2000)
    a = await start()
    const status = (): string[] => ['early', 'late'].map((text) => a.status(digest(text)))
    expect(status()).toEqual(['active', 'active'])
    await clock.advance(3000)
    expect(status()).toEqual(['expired', 'active'])
    await clock.advance(500)
    await a.stop()
    await clock.advance(60_000)
    a = await start()
    expect(status()).toEqual(['expired', 'expired'])
    expect(a.submit(bytes('late')).status).toBe('expired')
    await clock.advance(1000)
    expect([disk.state.updates.length, disk.state.seen]).toEqual([
      0,
      [digest('early'), digest('late')]
    ])
    await a.stop()
    expect(clock.pendingWakes).toBe(0)
  })

  it('trusts the wall clock: one that went back makes updates younger, one that went ahead makes them older', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    let wallMs = 1_800_000_000_000
    const start = async (): Promise<GossipService> => {
      const { gossip } = node('a', [], memoryStorage(disk), {
        store: { expiration: { mode: 'duration', ms: 60_000 } },
        wallClock: () => wallMs
      })
      await gossip.start()
      return gossip
    }
    let a = await start()
    a.submit(bytes('x'))
    // While it runs, the wall clock is of no account.
    wallMs += 3_600_000
    await clock.advance(30_000)
    expect(a.status(digest('x'))).toBe('active')
    await a.stop()
    wallMs -= 7_200_000
    a = await start()
    await clock.advance(59_000)
    expect(a.status(digest('x'))).toBe('active')
    await clock.advance(1000)
    expect(a.status(digest('x'))).toBe('expired')
    a.submit(bytes('y'))
    await a.stop()
    wallMs += 3_600_000
    expect((await start()).status(digest('y'))).toBe('expired')
  })

  it('applies lower limits only to new updates, except for contents that are too large', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const texts = ['1', '2', '3', 'longer']
    const restart = async (store: GossipOptions['store']): Promise<PersistedNode> => {
      const a = node('a', [], memoryStorage(disk), { store: store! })
      await a.gossip.start()
      await clock.advance(1000)
      return a
    }
    let a = await restart({})
    for (const text of texts) a.gossip.submit(bytes(text))
    await a.gossip.stop()
    a = await restart({ maxUpdates: 2, maxContentBytes: 3 })
    expect(texts.map((text) => a.gossip.status(digest(text)))).toEqual([
      'active',
      'active',
      'active',
      'unknown'
    ])
    expect(() => a.gossip.submit(bytes('4'))).toThrow(
      expect.objectContaining({ code: 'STORE_FULL' })
    )
    await a.gossip.stop()
    a = await restart({})
    expect(texts.map((text) => a.gossip.status(digest(text)))).toEqual(Array(4).fill('active'))
  })

  it('keeps as many digests on disk as in memory, the latest', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const changes: Partial<GossipOptions> = {
      store: { expiration: { mode: 'mostRecent', count: 2, margin: 0 }, maxSeenDigests: 5 }
    }
    const a = node('a', [], memoryStorage(disk), changes)
    await a.gossip.start()
    for (let n = 0; n < 20; n++) {
      a.gossip.submit(bytes(String(n)))
      await clock.advance(n % 3)
    }
    await a.gossip.stop()
    expect(disk.state.updates.map((update) => update.digest)).toEqual(
      [18, 19].map((n) => digest(String(n)))
    )
    expect(disk.state.seen).toEqual([13, 14, 15, 16, 17].map((n) => digest(String(n))))
    const again = node('a', [], memoryStorage(disk), {
      store: { ...changes.store, maxSeenDigests: 2 }
    })
    await again.gossip.start()
    expect(again.gossip.stats()).toMatchObject({ activeUpdates: 2, seenDigests: 2 })
    again.gossip.submit(bytes('20'))
    await again.gossip.stop()
    expect(disk.state.seen).toEqual([17, 18].map((n) => digest(String(n))))
  })

  it('finds its old peers without any source', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const [a, b] = [node('a', []), node('b', ['a'], memoryStorage(disk))]
    for (const { gossip } of [a, b]) await gossip.start()
    await clock.advance(7000)
    kill('b', disk)
    const again = node('b', [], memoryStorage(disk), { membership: { viewSize: 8 } })
    await again.gossip.start()
    await clock.advance(500)
    expect(again.gossip.peers().map(({ address }) => address)).toEqual(['a'])
  })

  it('tries its old peers until one comes back', async () => {
    const { clock, network, node, kill } = group()
    const disk = memoryDisk()
    const nodes = [node('a', []), node('b', ['a'], memoryStorage(disk))]
    for (const { gossip } of nodes) await gossip.start()
    await clock.advance(7000)
    kill('b', disk)
    network.kill('a')
    const again = node('b', ['nobody'], memoryStorage(disk))
    await again.gossip.start()
    await clock.advance(3_600_000)
    expect(again.gossip.peers()).toEqual([])
    await node('a', []).gossip.start()
    await clock.advance(60_000)
    expect(again.gossip.peers().map(({ address }) => address)).toEqual(['a'])
  })
})

describe('a node that is killed at any moment', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('loses no acknowledged update, seed %i', async (seed) => {
    const { clock, node, kill } = group(seed)
    const rng = createRng(seed)
    const disk = memoryDisk()
    const other = node('a', [])
    await other.gossip.start()
    const acknowledged = new Set<string>()
    const taken: string[] = []
    let [number, crashes] = [0, 0]
    for (; crashes < 12; crashes++) {
      const { gossip, updates } = node('b', ['a'], memoryStorage(disk))
      await gossip.start()
      for (const each of acknowledged) expect(gossip.status(digest(each))).toBe('active')
      for (let steps = rng.below(40); steps > 0; steps--) {
        if (rng.below(4) === 0) disk.hold()
        const text = `b ${number++}`
        void gossip.submit(bytes(text), { durable: true }).then(
          () => acknowledged.add(text),
          () => {}
        )
        other.gossip.submit(bytes(`a ${number++}`))
        await clock.advance(rng.below(100))
        disk.release()
      }
      disk.hold()
      await clock.advance(rng.below(300))
      kill('b', disk)
      disk.release()
      // What the handler had in the last moments, before that was written, it may get again.
      const kept = new Set(
        disk.state.updates.filter(({ handled }) => handled).map((update) => update.digest)
      )
      taken.push(...updates.filter((text) => kept.has(digest(text))))
    }
    expect(new Set(taken).size).toBe(taken.length)
    expect(acknowledged.size).toBeGreaterThan(20)
    await node('b', ['a'], memoryStorage(disk)).gossip.start()
    await clock.advance(10_000)
    expect([...acknowledged].filter((text) => !other.updates.includes(text))).toEqual([])
    expect(new Set(other.updates).size).toBe(other.updates.length)
  })
})
