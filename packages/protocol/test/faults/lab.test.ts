/** The lab itself: a group in it spreads, counts and ends. */

import { expect, it } from 'vitest'
import { Lab, quantile } from './lab.ts'

it('brings an update to all nodes, and says when', async () => {
  const lab = new Lab()
  await lab.many(4)
  await lab.pass(5000)
  const { digest } = lab.nodes[0]!.gossip.submit(lab.bytes(100))
  await lab.pass(1000)
  const times = lab.nodes.slice(1).map(({ got }) => got.get(digest)! - 5000)
  expect(times.every((ms) => ms > 0 && ms < 1000)).toBe(true)
  expect(quantile(times, 1)).toBe(Math.max(...times))
  for (const node of lab.nodes) await lab.stop(node)
  expect(lab.nodes.map(({ twice }) => twice)).toEqual([0, 0, 0, 0])
})
