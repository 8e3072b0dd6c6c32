import { binaryCodec } from '@rumormill/codec-binary'
import { describe, expect, it } from 'vitest'
import type { AntiEntropyConfig } from '../../src/anti-entropy/config.ts'
import type { MessageKind } from '../../src/model/message.ts'
import type { Expiration } from '../../src/store/config.ts'
import { VirtualGroup, type VirtualGroupOptions } from './virtual-group.ts'

const codec = binaryCodec()

/** A group, and the bytes that it has sent by kind of message. */
function watched(options: VirtualGroupOptions): {
  group: VirtualGroup
  bytes: Partial<Record<MessageKind, number>>
  total: () => number
} {
  const bytes: Partial<Record<MessageKind, number>> = {}
  const group = new VirtualGroup({
    ...options,
    watch: (_from, _to, message) => {
      bytes[message.kind] = (bytes[message.kind] ?? 0) + codec.encode(message).length
    }
  })
  const total = (): number =>
    Object.entries(bytes).reduce(
      (sum, [kind, count]) => (/view|content/.test(kind) ? sum : sum + count),
      0
    )
  return { group, bytes, total }
}

const sizes = (group: VirtualGroup): number[] =>
  group.nodes.map(({ engine }) => engine.gauges(group.nowMs).activeUpdates)
const are = (group: VirtualGroup, count: number) => (): boolean =>
  sizes(group).every((size) => size === count)

describe('rounds by sketches', () => {
  it('make two nodes with 10,000 common and 10 different updates equal, for a few hundred bytes', () => {
    const { group, total } = watched({ size: 2, seed: 1 })
    for (let n = 0; n < 9_980; n++) for (const node of [0, 1]) group.submit(node, `update ${n}`)
    for (let n = 0; n < 10; n++) group.submit(n % 2, `different ${n}`)
    group.run(10_000, are(group, 9_990))
    expect(sizes(group)).toEqual([9_990, 9_990])
    expect(total()).toBeLessThan(2000)
    const before = total()
    group.run(10_000)
    // Some hundred rounds.
    expect(total() - before).toBeLessThan(100 * 2 * 40)
  })

  it.each([1, 2, 3])('lose no update at 30 % loss (seed %i)', (seed) => {
    const { group, bytes } = watched({
      size: 10,
      seed,
      loss: 0.3,
      antiEntropy: { periodMs: 200 }
    })
    for (let n = 0; n < 400; n++) group.submit(n % 10, `update ${n}`)
    group.run(60_000, are(group, 400))
    expect(sizes(group)).toEqual(Array(10).fill(400))
    expect(group.nodes.map(({ delivered }) => delivered.length)).toEqual(Array(10).fill(360))
    expect(bytes['sketch-request']).toBeGreaterThan(0)
  })

  it('let a late joiner with nothing catch up with 9,000', () => {
    const { group, bytes } = watched({ size: 4, seed: 5 })
    group.nodes[3]!.alive = false
    for (let n = 0; n < 9000; n++) for (const node of [0, 1, 2]) group.submit(node, `update ${n}`)
    group.run(3000)
    expect(bytes['digest-request'] ?? 0).toBeLessThan(1000)
    group.nodes[3]!.alive = true
    group.perform(3, group.nodes[3]!.engine.join(group.nowMs, ['0']))
    group.run(120_000, are(group, 9000))
    expect(sizes(group)).toEqual([9000, 9000, 9000, 9000])
    expect(group.nodes[3]!.delivered).toHaveLength(9000)
  })

  it.each<[string, Partial<AntiEntropyConfig>]>([
    ['a list', { reconciliation: 'list' }],
    ['short ids of 16 bytes', { shortIdBytes: 16 }],
    ['three at a time', { fanout: 3 }],
    ['a period shorter than a round trip', { periodMs: 10 }]
  ])('reach all, with %s', (_name, antiEntropy) => {
    const group = new VirtualGroup({ size: 10, seed: 3, antiEntropy })
    for (let n = 0; n < 300; n++) group.submit(n % 10, `update ${n}`)
    group.run(20_000, are(group, 300))
    expect(sizes(group)).toEqual(Array(10).fill(300))
  })

  it.each<Expiration>([
    { mode: 'none' },
    { mode: 'duration', ms: 8000 },
    { mode: 'pushCount', count: 16 },
    { mode: 'mostRecent', count: 100, margin: 0.5 }
  ])('$mode: everyone gets every update once, and the expired ones never return', (expiration) => {
    const { group, bytes } = watched({ size: 10, seed: 41, store: { expiration } })
    group.run(2000)
    for (let n = 0; n < 300; n++) {
      group.submit(n % 10, `update ${n}`)
      group.run(50)
    }
    group.run(20_000)
    expect(group.nodes.map(({ delivered }) => new Set(delivered).size)).toEqual(Array(10).fill(270))
    expect(group.nodes.map(({ delivered }) => delivered.length)).toEqual(Array(10).fill(270))
    expect((bytes['sketch-request'] ?? 0) > 0).toBe(expiration.mode !== 'pushCount')
  })
})
