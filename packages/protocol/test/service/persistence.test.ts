import { binaryCodec } from '@rumormill/codec-binary'
import {
  manualClock,
  memoryArchive,
  memoryDisk,
  memoryNetwork,
  type MemoryDisk
} from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import { createGossip, createRng, digestOf, staticPeers } from '../../src/index.ts'
import type { Archive, GossipEvent, GossipOptions, GossipService, Update } from '../../src/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const digest = (text: string): string => digestOf(bytes(text))

interface TestNode {
  readonly gossip: GossipService
  readonly updates: string[]
  readonly codes: () => string[]
  /** Updates and messages reported as given up because the node was not running. */
  readonly dropped: () => number
}

/** A group under virtual time whose wall clock goes with it. */
function group(seed = 1): {
  clock: ReturnType<typeof manualClock>
  network: ReturnType<typeof memoryNetwork>
  node: (
    address: string,
    peers: readonly string[],
    archive?: Archive,
    changes?: Partial<GossipOptions>
  ) => TestNode
  kill: (address: string, disk: MemoryDisk) => void
} {
  const clock = manualClock()
  const rng = createRng(seed)
  const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
  const node = (
    address: string,
    peers: readonly string[],
    archive?: Archive,
    changes: Partial<GossipOptions> = {}
  ): TestNode => {
    const updates: string[] = []
    const events: GossipEvent[] = []
    const gossip = createGossip({
      transport: network.transport(address),
      codec: binaryCodec(),
      peers: staticPeers(peers),
      handler: {
        onUpdate: ({ content }: Update) => void updates.push(new TextDecoder().decode(content))
      },
      clock,
      rng: rng.fork(),
      wallClock: () => 1_800_000_000_000 + clock.now(),
      observe: (event) => void events.push(event),
      ...(archive === undefined ? {} : { archive }),
      ...changes
    })
    const dropped = (): number =>
      events.reduce(
        (sum, each) =>
          sum +
          (each.kind === 'dropped' && each.reason === 'not-running' && each.peer === undefined
            ? each.count
            : 0),
        0
      )
    return {
      gossip,
      updates,
      dropped,
      codes: () => events.flatMap((each) => (each.kind === 'failed' ? [each.error.code] : []))
    }
  }
  const kill = (address: string, disk: MemoryDisk): void => {
    network.kill(address)
    disk.crash()
  }
  return { clock, network, node, kill }
}

describe('a node that restarts', () => {
  it('neither forgets nor delivers again', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const [a, b] = [node('a', []), node('b', ['a'], memoryArchive(disk))]
    for (const { gossip } of [a, b]) await gossip.start()
    await clock.advance(1000)
    a.gossip.submit(bytes('theirs'))
    b.gossip.submit(bytes('own'))
    await clock.advance(2000)
    expect([a.updates, b.updates]).toEqual([['own'], ['theirs']])
    kill('b', disk)
    const again = node('b', ['a'], memoryArchive(disk))
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

  it('hands over what the handler had not taken, in order, and what it was just taking once more', async () => {
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
    const [a, b] = [node('a', []), node('b', ['a'], memoryArchive(disk), slow)]
    for (const { gossip } of [a, b]) await gossip.start()
    await clock.advance(1000)
    for (const text of ['1', '2', '3', '4', '5']) a.gossip.submit(bytes(text))
    await clock.advance(2000)
    expect([taken, b.gossip.stats().waitingUpdates]).toEqual([['1', '2', '3'], 2])
    kill('b', disk)
    const again = node('b', [], memoryArchive(disk))
    await again.gossip.start()
    await clock.advance(1)
    expect(again.updates).toEqual(['3', '4', '5'])
    await clock.advance(2000)
    await again.gossip.stop()
    const third = node('b', [], memoryArchive(disk))
    await third.gossip.start()
    await clock.advance(2000)
    expect(third.updates).toEqual([])
  })

  it('reports what waits for the handler at stop as dropped only if no restart will bring it', async () => {
    const hangs: Partial<GossipOptions> = {
      handler: { onUpdate: () => new Promise(() => {}) },
      archiving: { retryMs: 60_000 }
    }
    const stopsWithThree = async (
      archive: Archive | undefined,
      beforeLast: () => void
    ): Promise<TestNode> => {
      const { clock, node } = group()
      const [a, b] = [node('a', []), node('b', ['a'], archive, hangs)]
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
    expect((await stopsWithThree(memoryArchive(disk), () => {})).dropped()).toBe(0)
    expect(disk.state.updates.map(({ digest: each, handled }) => [each, handled])).toEqual(
      ['1', '2', '3', '4'].map((text) => [digest(text), false])
    )
    // The last one never gets to the disk.
    const full = memoryDisk()
    const b = await stopsWithThree(memoryArchive(full), () => full.fail(new Error('disk full')))
    expect([b.dropped(), full.state.updates.length, b.codes().includes('ARCHIVE_FAILED')]).toEqual([
      1,
      3,
      true
    ])
  })

  it('hands over what the handler had not taken even if it has expired meanwhile, and then keeps it no more', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const changes: Partial<GossipOptions> = {
      dissemination: { expiration: { mode: 'duration', ms: 3000 } }
    }
    const [a, b] = [
      node('a', [], undefined, changes),
      node('b', ['a'], memoryArchive(disk), {
        ...changes,
        handler: { onUpdate: () => new Promise(() => {}) }
      })
    ]
    for (const { gossip } of [a, b]) await gossip.start()
    a.gossip.submit(bytes('x'))
    await clock.advance(6000)
    expect(b.gossip.status(digest('x'))).toBe('expired')
    kill('b', disk)
    const again = node('b', [], memoryArchive(disk), changes)
    await again.gossip.start()
    await clock.advance(1000)
    expect([again.updates, again.gossip.status(digest('x'))]).toEqual([['x'], 'expired'])
    expect([disk.state.updates, disk.state.remembered]).toEqual([[], [digest('x')]])
  })

  it('lets expiry go on: durations run while it is down, and what has expired stays so', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const start = async (): Promise<GossipService> => {
      const { gossip } = node('a', [], memoryArchive(disk), {
        dissemination: { expiration: { mode: 'duration', ms: 10_000 } }
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
    expect([disk.state.updates.length, disk.state.remembered]).toEqual([
      0,
      [digest('early'), digest('late')]
    ])
    await a.stop()
    expect(clock.pendingWakes).toBe(0)
  })

  it('takes a wall clock as it is: one that went back makes updates young again, one that ran ahead makes them old', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    let wallMs = 1_800_000_000_000
    const start = async (): Promise<GossipService> => {
      const { gossip } = node('a', [], memoryArchive(disk), {
        dissemination: { expiration: { mode: 'duration', ms: 60_000 } },
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

  it('lets lower limits keep out what is new: what was accepted stays, but for contents too large', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const texts = ['1', '2', '3', 'longer']
    const restart = async (dissemination: GossipOptions['dissemination']): Promise<TestNode> => {
      const a = node('a', [], memoryArchive(disk), { dissemination: dissemination! })
      await a.gossip.start()
      await clock.advance(1000)
      return a
    }
    let a = await restart({})
    for (const text of texts) a.gossip.submit(bytes(text))
    await a.gossip.stop()
    a = await restart({ maxActiveUpdates: 2, maxContentBytes: 3 })
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

  it('remembers as many digests on disk as in memory, the last', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const changes: Partial<GossipOptions> = {
      dissemination: {
        expiration: { mode: 'mostRecent', count: 2, margin: 0 },
        maxRememberedDigests: 5
      }
    }
    const a = node('a', [], memoryArchive(disk), changes)
    await a.gossip.start()
    for (let n = 0; n < 20; n++) {
      a.gossip.submit(bytes(String(n)))
      await clock.advance(n % 3)
    }
    await a.gossip.stop()
    expect(disk.state.updates.map((update) => update.digest)).toEqual(
      [18, 19].map((n) => digest(String(n)))
    )
    expect(disk.state.remembered).toEqual([13, 14, 15, 16, 17].map((n) => digest(String(n))))
    const again = node('a', [], memoryArchive(disk), {
      dissemination: { ...changes.dissemination, maxRememberedDigests: 2 }
    })
    await again.gossip.start()
    expect(again.gossip.stats()).toMatchObject({ activeUpdates: 2, rememberedDigests: 2 })
    again.gossip.submit(bytes('20'))
    await again.gossip.stop()
    expect(disk.state.remembered).toEqual([17, 18].map((n) => digest(String(n))))
  })

  it('finds its old peers without any source', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const [a, b] = [node('a', []), node('b', ['a'], memoryArchive(disk))]
    for (const { gossip } of [a, b]) await gossip.start()
    await clock.advance(7000)
    kill('b', disk)
    const again = node('b', [], memoryArchive(disk), { sampling: { viewSize: 8 } })
    await again.gossip.start()
    await clock.advance(500)
    expect(again.gossip.peers().map(({ address }) => address)).toEqual(['a'])
  })

  it('asks its old peers until one comes back', async () => {
    const { clock, network, node, kill } = group()
    const disk = memoryDisk()
    const nodes = [node('a', []), node('b', ['a'], memoryArchive(disk))]
    for (const { gossip } of nodes) await gossip.start()
    await clock.advance(7000)
    kill('b', disk)
    network.kill('a')
    const again = node('b', ['nobody'], memoryArchive(disk))
    await again.gossip.start()
    await clock.advance(3_600_000)
    expect(again.gossip.peers()).toEqual([])
    await node('a', []).gossip.start()
    await clock.advance(60_000)
    expect(again.gossip.peers().map(({ address }) => address)).toEqual(['a'])
  })
})

describe('a durable submit', () => {
  it('resolves when it is on disk, many at once share a write', async () => {
    const { clock, node, kill } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryArchive(disk))
    await a.gossip.start()
    disk.hold()
    const submissions = Array.from({ length: 50 }, (_, n) =>
      a.gossip.submit(bytes(String(n)), { durable: true })
    )
    let settled = 0
    for (const each of submissions) void each.then(() => settled++)
    await clock.advance(1000)
    expect([settled, disk.state.updates.length, a.gossip.stats().archiveBacklog]).toEqual([
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

  it('of what is active already resolves when that is on disk', async () => {
    const { clock, node } = group()
    const disk = memoryDisk()
    const a = node('a', [], memoryArchive(disk))
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

  it('rejects without an archive, with what submit throws, and before start', async () => {
    const { node } = group()
    const [a, b] = [node('a', []), node('b', [], memoryArchive())]
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

describe('a node that is killed at any moment', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'loses nothing that was acknowledged, seed %i',
    async (seed) => {
      const { clock, node, kill } = group(seed)
      const rng = createRng(seed)
      const disk = memoryDisk()
      const other = node('a', [])
      await other.gossip.start()
      const acknowledged = new Set<string>()
      const taken: string[] = []
      let [number, crashes] = [0, 0]
      for (; crashes < 12; crashes++) {
        const { gossip, updates } = node('b', ['a'], memoryArchive(disk))
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
      await node('b', ['a'], memoryArchive(disk)).gossip.start()
      await clock.advance(10_000)
      expect([...acknowledged].filter((text) => !other.updates.includes(text))).toEqual([])
      expect(new Set(other.updates).size).toBe(other.updates.length)
    }
  )
})
