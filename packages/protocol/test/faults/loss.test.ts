/** Lost messages delay updates, and are no reason to distrust a peer. */

import { expect, it } from 'vitest'
import { Lab, quantile } from './lab.ts'

it.each([
  { nodes: 2, loss: 0.2, updates: 120, mostMs: 4000 },
  { nodes: 2, loss: 0.3, updates: 120, mostMs: 8000 },
  { nodes: 6, loss: 0.3, updates: 40, mostMs: 6000 }
])(
  '$nodes nodes, $loss lost: all arrives within its 30 s',
  async ({ nodes, loss, updates, mostMs }) => {
    const delays: number[] = []
    // A few losses in a row delay many updates: one group says little.
    for (let seed = 1; seed <= 3; seed++) {
      const lab = new Lab(seed, { loss })
      await lab.many(nodes, { store: { expiration: { mode: 'duration', ms: 30_000 } } })
      await lab.pass(10_000)
      const sent: { digest: string; atMs: number }[] = []
      for (let n = 0; n < updates; n++) {
        const { digest } = lab.nodes[0]!.gossip.submit(lab.bytes(8000))
        sent.push({ digest, atMs: lab.clock.now() })
        await lab.pass(1000)
      }
      await lab.pass(40_000)
      for (const { got } of lab.nodes.slice(1))
        delays.push(...sent.map(({ digest, atMs }) => (got.get(digest) ?? Infinity) - atMs))
      for (const { counts } of lab.nodes) expect(counts['peer-distrusted']).toBeUndefined()
    }
    expect(delays.filter((ms) => ms === Infinity)).toEqual([])
    expect(quantile(delays, 0.9)).toBeLessThan(mostMs)
  }
)
