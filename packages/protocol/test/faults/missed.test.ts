/** Checks that updates that did not fit, and expired elsewhere meanwhile, are reported as lost, each once: finding 13. */

import { expect, it } from 'vitest'
import type { GossipOptions } from '../../src/index.ts'
import { Lab } from './lab.ts'

type Store = NonNullable<GossipOptions['store']>

const SECONDS = 40

/**
 * Runs six nodes with 30 updates/s, the first with a handler that takes ten of them. Returns what is missing there and what
 * is reported.
 */
async function overload(store: Store) {
  const lab = new Lab()
  await lab.many(6, (index) => ({
    store,
    ...(index === 0 ? { onUpdate: () => lab.later(100), delivery: { maxWaiting: 50 } } : {})
  }))
  await lab.pass(5000)
  let submitted = 0
  for (let step = 0; step < 10 * SECONDS; step++) {
    for (let index = step % 2; index < 6; index += 2, submitted++)
      lab.nodes[index]!.gossip.submit(lab.bytes(500))
    await lab.pass(100)
  }
  await lab.pass(300_000)
  const own = 5 * SECONDS
  const [slow, quick] = lab.nodes
  return {
    missing: submitted - own - slow!.got.size,
    lost: slow!.counts['lost'] ?? 0,
    lostElsewhere: quick!.counts['lost'] ?? 0
  }
}

it.each<[string, Store]>([
  ['duration', { expiration: { mode: 'duration', ms: 30_000 } }],
  ['mostRecent', { expiration: { mode: 'mostRecent', count: 200, margin: 0 } }]
])('by a slow handler, with %s', async (_mode, store) => {
  const { missing, lost, lostElsewhere } = await overload(store)
  expect(missing).toBeGreaterThan(50)
  expect(lost).toBe(missing)
  expect(lostElsewhere).toBe(0)
})

// The queue is full for longer than it takes to count an update as lost, but rounds still offer it.
it('but nothing that is only late', async () => {
  const lab = new Lab()
  const delivery = { timeoutMs: 300_000, maxWaiting: 1 }
  await lab.many(3, (index) =>
    index === 0 ? { delivery, onUpdate: () => lab.later(200_000) } : {}
  )
  await lab.pass(3000)
  for (let n = 0; n < 400; n++) lab.nodes[1]!.gossip.submit(lab.bytes(500))
  await lab.pass(900_000)
  expect(lab.nodes[0]!.got.size).toBe(5)
  expect(lab.nodes[0]!.counts['lost']).toBeUndefined()
})

it('by a store that is full for a while, also when messages are doubled', async () => {
  const lab = new Lab()
  lab.wrap = (transport) => {
    const send = transport.send.bind(transport)
    transport.send = async (...given) => {
      void lab.later(30).then(() => send(...given).catch(() => {}))
      return send(...given)
    }
    return transport
  }
  const expiration = { mode: 'mostRecent', count: 50, margin: 0, minAgeMs: 6000 } as const
  await lab.many(4, { store: { maxUpdates: 50, expiration } })
  await lab.pass(3000)
  const own = [0, 0, 0, 0]
  for (let step = 0; step < 600; step++) {
    try {
      lab.nodes[step % 4]!.gossip.submit(lab.bytes(200))
      own[step % 4]!++
    } catch {
      // It is full, too.
    }
    await lab.pass(100)
  }
  await lab.pass(300_000)
  const submitted = own.reduce((sum, count) => sum + count)
  const missing = lab.nodes.map(({ got }, index) => submitted - own[index]! - got.size)
  expect(missing.every((count) => count > 0)).toBe(true)
  expect(lab.nodes.map(({ counts }) => counts['lost'])).toEqual(missing)
})
