/** Checks events that were not reported before. */

import { expect, it } from 'vitest'
import { Lab } from './lab.ts'

it('reports a submission of a duplicate', async () => {
  const lab = new Lab()
  await lab.many(3, { store: { expiration: { mode: 'duration', ms: 5000 } } })
  await lab.pass(3000)
  const content = lab.bytes(10)
  const [a, b] = [lab.nodes[0]!, lab.nodes[1]!]
  const { digest } = a.gossip.submit(content)
  await lab.pass(1000)
  b.gossip.submit(content)
  await lab.pass(10_000)
  a.gossip.submit(content)
  const duplicates = [b, a].map(({ events }) => events.filter(({ kind }) => kind === 'duplicate'))
  expect(duplicates).toEqual([
    [{ kind: 'duplicate', digest, status: 'active' }],
    [{ kind: 'duplicate', digest, status: 'expired' }]
  ])
  expect([a, b].map(({ gossip }) => gossip.stats().duplicates)).toEqual([1, 1])
})
