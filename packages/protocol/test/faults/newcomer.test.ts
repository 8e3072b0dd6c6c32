/** Checks that a new node fetches the updates of a group quickly, though no peer has served it yet. */

import { expect, it } from 'vitest'
import { Lab } from './lab.ts'

it('4,000 updates of 1 KiB from one peer are there within seconds', async () => {
  const lab = new Lab()
  await lab.add()
  await lab.pass(2000)
  for (let n = 0; n < 4000; n++) {
    lab.nodes[0]!.gossip.submit(lab.bytes(1024))
    if (n % 100 === 0) await lab.pass(10)
  }
  await lab.pass(10_000)
  const newcomer = await lab.add()
  const fromMs = lab.clock.now()
  while (newcomer.gossip.stats().activeUpdates < 4000 && lab.clock.now() - fromMs < 30_000)
    await lab.pass(100)
  expect(lab.clock.now() - fromMs).toBeLessThan(3000)
  expect(newcomer.traffic.contentsIn).toBeLessThan(1.05 * 4000 * 1024)
})
