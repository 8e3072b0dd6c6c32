/** What becomes of a node whose storage fails, hangs, or is damaged. */

import { memoryStorage, memoryDisk } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import { bytes } from '../node/memory-group.ts'
import { digest, group } from './persisted-group.ts'

describe('storage that fails', () => {
  it.each([['before', false], ['after']])(
    '%s the write: durable submits reject, gossip goes on, all changes are written later',
    async (_when, made = true) => {
      const { clock, node } = group()
      const disk = memoryDisk()
      const [a, b] = [node('a', [], memoryStorage(disk)), node('b', ['a'])]
      for (const { gossip } of [a, b]) await gossip.start()
      await clock.advance(500)
      disk.fail(new Error('disk full'), made)
      await expect(a.gossip.submit(bytes('1'), { durable: true })).rejects.toMatchObject({
        code: 'STORAGE_FAILED'
      })
      // At once, while storage is known to fail.
      await expect(a.gossip.submit(bytes('2'), { durable: true })).rejects.toMatchObject({
        code: 'STORAGE_FAILED'
      })
      b.gossip.submit(bytes('3'))
      await clock.advance(5000)
      expect([a.updates, b.updates.toSorted()]).toEqual([['3'], ['1', '2']])
      expect(a.codes().filter((code) => code === 'STORAGE_FAILED')).toHaveLength(6)
      expect(a.gossip.stats().storageFailures).toBe(6)
      disk.fail(undefined)
      await clock.advance(1000)
      expect(a.gossip.stats().storageBacklog).toBe(0)
      expect(disk.state.updates.map((update) => [update.digest, update.handled])).toEqual(
        ['1', '2', '3'].map((text) => [digest(text), true])
      )
      expect((await a.gossip.submit(bytes('4'), { durable: true })).status).toBe('accepted')
    }
  )

  it('that never answers times out, and does not delay stop', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryStorage(disk), { storageOptions: { timeoutMs: 2000 } })
    await a.gossip.start()
    disk.hold()
    const submission = a.gossip.submit(bytes('x'), { durable: true })
    const outcome = expect(submission).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await clock.advance(2000)
    await outcome
    const stopped = a.gossip.stop()
    await clock.advance(4000)
    await stopped
    expect(a.codes()).toEqual(['STORAGE_FAILED', 'STORAGE_FAILED', 'STORAGE_FAILED'])
    expect(clock.pendingWakes).toBe(0)
  })

  it('holds a bounded backlog, however long it fails', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryStorage(disk), {
      store: { expiration: { mode: 'mostRecent', count: 10, margin: 0 }, maxSeenDigests: 20 }
    })
    await a.gossip.start()
    disk.fail(new Error('no'))
    for (let n = 0; n < 5000; n++) {
      a.gossip.submit(bytes(String(n)))
      if (n % 10 === 0) await clock.advance(100)
    }
    expect(a.gossip.stats().storageBacklog).toBeLessThan(100)
    disk.fail(undefined)
    await a.gossip.stop()
    expect([disk.state.updates.length, disk.state.seen.length]).toEqual([10, 20])
    expect(disk.state.updates.at(-1)!.digest).toBe(digest('4999'))
  })

  it('at start makes start reject, before anything is opened', async () => {
    const { clock, network, node } = group()
    const disk = memoryDisk()
    await memoryStorage(disk).load()
    const a = node('a', [], memoryStorage(disk))
    await expect(a.gossip.start()).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await a.gossip.stop()
    expect([network.counts.messages, clock.pendingWakes]).toEqual([0, 0])
    await node('a', []).gossip.start()
  })

  it('may be stopped while it is read', async () => {
    const { clock, node } = group()
    let closed = 0
    const a = node('a', [], {
      load: () => new Promise(() => {}),
      write: async () => {},
      close: async () => void closed++
    })
    void a.gossip.start().catch(() => {})
    await a.gossip.stop()
    expect([closed, clock.pendingWakes]).toEqual([1, 0])
  })

  it('with damaged contents: they are skipped, counted, reported, and fetched again', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const [a, b] = [node('a', []), node('b', ['a'], memoryStorage(disk))]
    for (const { gossip } of [a, b]) await gossip.start()
    for (const text of ['1', '2', '3']) a.gossip.submit(bytes(text))
    await clock.advance(3000)
    kill('b', disk)
    disk.damage(digest('2'))
    const again = node('b', ['a'], memoryStorage(disk))
    await again.gossip.start()
    expect(again.gossip.status(digest('2'))).toBe('unknown')
    expect([again.gossip.stats().damagedRecords, again.codes()]).toEqual([1, ['STORAGE_DAMAGED']])
    await clock.advance(3000)
    expect(again.updates).toEqual(['2'])
  })
})
