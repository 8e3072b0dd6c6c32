/** What has ended stays so over a restart, also if the handler had not taken it. */

import { memoryStorage, memoryDisk } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import type { GossipOptions } from '../../src/index.ts'
import { bytes } from '../node/memory-group.ts'
import { digest, group } from './persisted-group.ts'

describe('what has ended before a restart', () => {
  it('delivers what the handler had not had even if it has expired meanwhile, and then deletes it', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const changes: Partial<GossipOptions> = {
      store: { expiration: { mode: 'duration', ms: 3000 } }
    }
    const [a, b] = [
      node('a', [], undefined, changes),
      node('b', ['a'], memoryStorage(disk), {
        ...changes,
        handler: { onUpdate: () => new Promise(() => {}) }
      })
    ]
    for (const { gossip } of [a, b]) await gossip.start()
    a.gossip.submit(bytes('x'))
    await clock.advance(6000)
    expect(b.gossip.status(digest('x'))).toBe('expired')
    kill('b', disk)
    const again = node('b', [], memoryStorage(disk), changes)
    await again.gossip.start()
    await clock.advance(1000)
    expect([again.updates, again.gossip.status(digest('x'))]).toEqual([['x'], 'expired'])
    expect([disk.state.updates, disk.state.seen]).toEqual([[], [digest('x')]])
  })

  it('keeps updates expired that newer ones had expired before the handler had them', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const expiration = { mode: 'mostRecent', count: 2, margin: 0 } as const
    const changes: Partial<GossipOptions> = { store: { expiration } }
    const handler = { onUpdate: () => new Promise<void>(() => {}) }
    const a = node('a', [], undefined, changes)
    const b = node('b', ['a'], memoryStorage(disk), { ...changes, handler })
    for (const { gossip } of [a, b]) await gossip.start()
    for (const text of ['x', 'y', 'z']) {
      a.gossip.submit(bytes(text))
      await clock.advance(1000)
    }
    expect(b.gossip.status(digest('x'))).toBe('expired')
    kill('b', disk)
    // With a higher limit, expired updates must not come back.
    const roomy = { ...expiration, count: 10 }
    const again = node('b', [], memoryStorage(disk), { store: { expiration: roomy } })
    await again.gossip.start()
    expect(again.gossip.status(digest('x'))).toBe('expired')
    expect(again.gossip.stats().activeUpdates).toBe(2)
    await clock.advance(1000)
    expect(again.updates).toEqual(['x', 'y', 'z'])
  })
})
