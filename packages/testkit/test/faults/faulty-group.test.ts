/** A group over a network where everything goes wrong. */

import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { createRng } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import { faultPlan, manualClock, memoryNetwork, type FaultPlan } from '../../src/index.ts'

describe('a group', () => {
  /** Five nodes under every fault for a minute, then in calm for another. Returns all that was heard, and the counts. */
  async function live(seed: number): Promise<{ heard: string[][]; faults: FaultPlan }> {
    const clock = manualClock()
    const rng = createRng(seed)
    const network = memoryNetwork({ clock, rng: rng.fork() })
    const faults = faultPlan({
      clock,
      rng: rng.fork(),
      loss: 0.1,
      duplicate: 0.2,
      corrupt: 0.05,
      delayMs: { least: 0, most: 100 },
      reorder: 0.1,
      buggify: 0.02
    })
    const heard: string[][] = []
    const nodes = Array.from({ length: 5 }, (_, number): GossipService => {
      const own: string[] = []
      heard.push(own)
      return createGossip({
        transport: faults.wrap(network.transport(`n${number}`)),
        codec: binaryCodec(),
        peerSource: staticPeers(['n0', 'n1']),
        handler: { onUpdate: ({ content }) => void own.push(new TextDecoder().decode(content)) },
        clock,
        rng: rng.fork(),
        // A network that alters one message in twenty makes correct peers look like misbehaving ones.
        reputation: { maxPenalties: Infinity }
      })
    })
    await Promise.all(nodes.map((node) => node.start()))
    for (let second = 0; second < 60; second++) {
      if (second === 20)
        faults.partition([
          ['n0', 'n1'],
          ['n2', 'n3', 'n4']
        ])
      if (second === 40) faults.heal()
      nodes[second % 5]!.submit(new TextEncoder().encode(`update ${second}`))
      await clock.advance(1000)
    }
    faults.calm()
    await clock.advance(60_000)
    await Promise.all(nodes.map((node) => node.stop()))
    return { heard, faults }
  }

  test.each([1, 2, 3])('loses nothing and hears nothing twice, seed %i', async (seed) => {
    const { heard, faults } = await live(seed)
    heard.forEach((own, node) => {
      const others = Array.from({ length: 60 }, (_, second) => second).filter(
        (second) => second % 5 !== node
      )
      expect([...own].sort()).toEqual(others.map((second) => `update ${second}`).sort())
    })
    const { lost, duplicated, corrupted, delayed, reordered, cut } = faults.counts
    expect(Math.min(lost, duplicated, corrupted, delayed, reordered, cut)).toBeGreaterThan(0)
  })

  test('lives the same life again by the same seed', async () => {
    const [first, again, other] = [await live(4), await live(4), await live(5)]
    expect(again.heard).toEqual(first.heard)
    expect(again.faults.counts).toEqual(first.faults.counts)
    expect(other.faults.counts).not.toEqual(first.faults.counts)
  })
})
