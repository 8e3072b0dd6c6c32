/** Small messages and loss: what waits to be fetched is not given up because something else was lost. */

import { memoryNetwork } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { createRng } from '../../src/plugin.ts'
import { Lab } from './lab.ts'

it('messages of 1,200 bytes, of which 30 % are lost, bring 200 updates of 400 bytes to six nodes', async () => {
  const lab = new Lab()
  const network = memoryNetwork({
    clock: lab.clock,
    rng: createRng(5),
    delayMs: { least: 1, most: 10 },
    loss: 0.3,
    maxMessageBytes: 1200
  })
  await lab.many(6, (n) => ({ transport: network.transport(`n${n}`), seeds: n > 0 ? ['n0'] : [] }))
  await lab.pass(8000)
  for (let n = 0; n < 200; n++) {
    lab.nodes[n % 6]!.gossip.submit(lab.bytes(400))
    if (n % 30 === 0) await lab.pass(50)
  }
  const fromMs = lab.clock.now()
  const least = (): number =>
    Math.min(...lab.nodes.map(({ gossip }) => gossip.stats().activeUpdates))
  while (least() < 200 && lab.clock.now() - fromMs < 120_000) await lab.pass(500)
  expect(lab.clock.now() - fromMs).toBeLessThan(45_000)
  for (const { counts } of lab.nodes) expect(counts['peer-distrusted']).toBeUndefined()
})
