/** What becomes of a node whose archive fails, hangs, or is damaged. */

import { memoryArchive, memoryDisk } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import { bytes } from '../group/memory-group.ts'
import { digest, group } from './archived-group.ts'

describe('an archive that fails', () => {
  it.each([['before', false], ['after']])(
    '%s the write: durable submits reject, gossip goes on, all is written later',
    async (_when, made = true) => {
      const { clock, node } = group()
      const disk = memoryDisk()
      const [a, b] = [node('a', [], memoryArchive(disk)), node('b', ['a'])]
      for (const { gossip } of [a, b]) await gossip.start()
      await clock.advance(500)
      disk.fail(new Error('disk full'), made)
      await expect(a.gossip.submit(bytes('1'), { durable: true })).rejects.toMatchObject({
        code: 'ARCHIVE_FAILED'
      })
      // At once, while the archive is known to fail.
      await expect(a.gossip.submit(bytes('2'), { durable: true })).rejects.toMatchObject({
        code: 'ARCHIVE_FAILED'
      })
      b.gossip.submit(bytes('3'))
      await clock.advance(5000)
      expect([a.updates, b.updates.toSorted()]).toEqual([['3'], ['1', '2']])
      expect(a.codes().filter((code) => code === 'ARCHIVE_FAILED')).toHaveLength(6)
      expect(a.gossip.stats().archiveFailures).toBe(6)
      disk.fail(undefined)
      await clock.advance(1000)
      expect(a.gossip.stats().archiveBacklog).toBe(0)
      expect(disk.state.updates.map((update) => [update.digest, update.handled])).toEqual(
        ['1', '2', '3'].map((text) => [digest(text), true])
      )
      expect((await a.gossip.submit(bytes('4'), { durable: true })).status).toBe('accepted')
    }
  )

  it('that never answers is given up in time, and does not hold up stop', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryArchive(disk), { archiving: { timeoutMs: 2000 } })
    await a.gossip.start()
    disk.hold()
    const submission = a.gossip.submit(bytes('x'), { durable: true })
    const outcome = expect(submission).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' })
    await clock.advance(2000)
    await outcome
    const stopped = a.gossip.stop()
    await clock.advance(4000)
    await stopped
    expect(a.codes()).toEqual(['ARCHIVE_FAILED', 'ARCHIVE_FAILED', 'ARCHIVE_FAILED'])
    expect(clock.pendingWakes).toBe(0)
  })

  it('holds a bounded backlog, however long it fails', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryArchive(disk), {
      dissemination: {
        expiration: { mode: 'mostRecent', count: 10, margin: 0 },
        maxRememberedDigests: 20
      }
    })
    await a.gossip.start()
    disk.fail(new Error('no'))
    for (let n = 0; n < 5000; n++) {
      a.gossip.submit(bytes(String(n)))
      if (n % 10 === 0) await clock.advance(100)
    }
    expect(a.gossip.stats().archiveBacklog).toBeLessThan(100)
    disk.fail(undefined)
    await a.gossip.stop()
    expect([disk.state.updates.length, disk.state.remembered.length]).toEqual([10, 20])
    expect(disk.state.updates.at(-1)!.digest).toBe(digest('4999'))
  })

  it('at start is told by start, before anything is opened', async () => {
    const { clock, network, node } = group()
    const disk = memoryDisk()
    await memoryArchive(disk).load()
    const a = node('a', [], memoryArchive(disk))
    await expect(a.gossip.start()).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' })
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

  it('with damaged contents: they are passed over, counted, told, and fetched again', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const [a, b] = [node('a', []), node('b', ['a'], memoryArchive(disk))]
    for (const { gossip } of [a, b]) await gossip.start()
    for (const text of ['1', '2', '3']) a.gossip.submit(bytes(text))
    await clock.advance(3000)
    kill('b', disk)
    disk.damage(digest('2'))
    const again = node('b', ['a'], memoryArchive(disk))
    await again.gossip.start()
    expect(again.gossip.status(digest('2'))).toBe('unknown')
    expect([again.gossip.stats().damagedRecords, again.codes()]).toEqual([1, ['ARCHIVE_DAMAGED']])
    await clock.advance(3000)
    expect(again.updates).toEqual(['2'])
  })
})
