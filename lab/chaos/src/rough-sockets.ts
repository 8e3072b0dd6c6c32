/** A group over real sockets, with seeded faults between transport and protocol. */

import { setTimeout as delay } from 'node:timers/promises'
import { shuffle } from '@rumormill/protocol/engine'
import { createRng } from '@rumormill/protocol/plugin'
import { faultPlan } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import { SocketGroup } from './socket-group.ts'
import { contentOf } from './submissions.ts'

const NODES = 5
const UPDATES = 20
/** With a third of the messages lost, the slowest of a dozen groups takes about 20 s. */
const SETTLE_MS = 60_000

/** Runs one group from start to stop. Sockets and timers add randomness that the seed does not control. */
export async function runRoughSockets(
  seed: number
): Promise<{ lost: number; duplicates: number; changed: number; faults: number }> {
  const rng = createRng(seed)
  const plan = faultPlan({
    rng: rng.fork(),
    loss: 0.3 * rng.fraction(),
    duplicate: 0.5 * rng.fraction(),
    corrupt: 0.01 * rng.fraction(),
    delayMs: { least: 0, most: 50 * rng.fraction() },
    reorder: 0.1 * rng.fraction(),
    reorderMs: 300
  })
  const group = new SocketGroup()
  try {
    for (let node = 0; node < NODES; node++)
      await group.join({ gossip: { transport: plan.wrap(tcpTransport()) } })
    const addresses = group.members.map(({ gossip }) => gossip.address)
    shuffle(addresses, rng)
    for (let update = 0; update < UPDATES; update++) {
      if (update === 5) plan.partition([addresses.slice(0, 2), addresses.slice(2)])
      if (update === 15) plan.heal()
      group.submit(rng.below(NODES), contentOf(0, 16 + rng.below(500)))
      await delay(20)
    }
    // Messages are still lost at random, and all updates must arrive nevertheless.
    const lost = await group.settle(SETTLE_MS)
    const { counts } = plan
    return {
      lost,
      duplicates: group.duplicates,
      changed: group.changed,
      faults: counts.lost + counts.duplicated + counts.corrupted + counts.reordered + counts.cut
    }
  } finally {
    await group.stop()
  }
}
