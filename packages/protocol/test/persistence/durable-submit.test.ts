/** When a durable submit resolves, and when it rejects. */

import { memoryStorage, memoryDisk } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import { bytes } from '../node/memory-group.ts'
import { digest, group } from './persisted-group.ts'

describe('a durable submit', () => {
  it('resolves when the update is on disk, and concurrent ones share a write', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryStorage(disk))
    await a.gossip.start()
    disk.hold()
    const submissions = Array.from({ length: 50 }, (_, n) =>
      a.gossip.submit(bytes(String(n)), { durable: true })
    )
    let settled = 0
    for (const each of submissions) void each.then(() => settled++)
    await clock.advance(1000)
    expect([settled, disk.state.updates.length, a.gossip.stats().storageBacklog]).toEqual([
      0, 0, 50
    ])
    const more = a.gossip.submit(bytes('more'), { durable: true })
    disk.release()
    expect((await Promise.all(submissions)).map(({ status }) => status)).toEqual(
      Array(50).fill('accepted')
    )
    await more
    kill('a', disk)
    expect([disk.batches, disk.state.updates.length]).toEqual([2, 51])
  })

  it('of an active update resolves when that is on disk', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryStorage(disk))
    await a.gossip.start()
    disk.hold()
    a.gossip.submit(bytes('x'))
    let status: string | undefined
    void a.gossip
      .submit(bytes('x'), { durable: true })
      .then((submission) => (status = submission.status))
    await clock.advance(100)
    expect(status).toBeUndefined()
    disk.release()
    await clock.advance(1)
    expect(status).toBe('active')
    expect(await a.gossip.submit(bytes('x'), { durable: true })).toEqual({
      digest: digest('x'),
      status: 'active'
    })
  })

  it('rejects without storage, with what submit throws, and before start', async () => {
    const { node } = group()
    const [a, b] = [node('a', []), node('b', [], memoryStorage())]
    await a.gossip.start()
    await expect(a.gossip.submit(bytes('x'), { durable: true })).rejects.toMatchObject({
      code: 'INVALID_CONFIG'
    })
    expect(a.gossip.status(digest('x'))).toBe('unknown')
    await expect(b.gossip.submit(bytes('x'), { durable: true })).rejects.toMatchObject({
      code: 'NOT_RUNNING'
    })
    await b.gossip.start()
    await expect(b.gossip.submit(new Uint8Array(0), { durable: true })).rejects.toMatchObject({
      code: 'INVALID_UPDATE'
    })
    await b.gossip.stop()
    await expect(b.gossip.submit(bytes('x'), { durable: true })).rejects.toMatchObject({
      code: 'NOT_RUNNING'
    })
  })
})
