/** Reconciliation over messages of 1,200 bytes, of which many are lost. */

import { memoryNetwork } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { createRng } from '../../src/plugin.ts'
import { Lab } from './lab.ts'

/** Seconds until six nodes have all of `updates`; `most` when they have not by then. */
async function secondsToAll(
  loss: number,
  updates: number,
  most: number,
  seed: number
): Promise<number> {
  const lab = new Lab(seed)
  const network = memoryNetwork({
    clock: lab.clock,
    rng: createRng(seed),
    delayMs: { least: 1, most: 10 },
    loss,
    maxMessageBytes: 1200
  })
  const serial = { last: 0 }
  lab.wrap = () => network.transport(`n${serial.last++}`)
  await lab.many(6, (index) => ({ seeds: index === 0 ? [] : ['n0'] }))
  await lab.pass(8000)
  for (let n = 0; n < updates; n++) {
    lab.nodes[n % 6]!.gossip.submit(lab.bytes(400))
    if (n % 30 === 0) await lab.pass(50)
  }
  const held = (): number[] => lab.nodes.map(({ gossip }) => gossip.stats().activeUpdates)
  for (let second = 0; second < most; second++) {
    if (Math.min(...held()) === updates) return second
    await lab.pass(1000)
  }
  return most
}

it('all have 1,500 updates in 12 seconds, with a loss of one in ten', async () => {
  expect(await secondsToAll(0.1, 1500, 12, 1)).toBeLessThan(12)
})
