/** Sets that stay different: what they cost once nothing changes any more. */

import { describe, expect, it } from 'vitest'
import { Lab } from './lab.ts'

/** Rounds between equal sets, with the answers to those of others, take some 200 bytes a second of each node. */
const AT_REST_BYTES_PER_S = 600

async function bytesPerSecond(lab: Lab, ms: number): Promise<number[]> {
  const before = lab.nodes.map(({ traffic }) => traffic.sent)
  await lab.pass(ms)
  return lab.nodes.map(({ traffic }, index) => ((traffic.sent - before[index]!) * 1000) / ms)
}

/** Nodes of which each has submitted `updates` that none of the others has, and then rests for a minute. */
async function rested(
  updates: number,
  ...options: Parameters<Lab['many']>
): Promise<{ lab: Lab; bytes: number[] }> {
  const lab = new Lab()
  await lab.many(...options)
  await lab.pass(2000)
  for (const { gossip } of lab.nodes)
    for (let n = 0; n < updates; n++) gossip.submit(lab.bytes(20 + (n % 10)))
  await lab.pass(60_000)
  return { lab, bytes: await bytesPerSecond(lab, 20_000) }
}

describe('rounds between sets that stay different cost as little as between equal ones, a minute later', () => {
  it('where stores are full of different updates, compared by lists', async () => {
    const store = { maxUpdates: 2200, expiration: { mode: 'none' } as const }
    const { bytes } = await rested(2200, 2, { store, broadcast: { mode: 'off' } })
    expect(Math.max(...bytes)).toBeLessThan(AT_REST_BYTES_PER_S)
  })

  it('where stores are full of different updates, compared by symbols', async () => {
    const store = { maxUpdates: 400, expiration: { mode: 'none' } as const }
    const { bytes } = await rested(400, 3, { store, broadcast: { mode: 'off' } })
    expect(Math.max(...bytes)).toBeLessThan(AT_REST_BYTES_PER_S)
  })

  it('where one store is full and small beside the others', async () => {
    const { lab, bytes } = await rested(5, 3, (index) => ({
      store: { maxUpdates: index === 2 ? 5 : 2000, expiration: { mode: 'none' } },
      broadcast: { mode: 'off' }
    }))
    expect(Math.max(...bytes)).toBeLessThan(AT_REST_BYTES_PER_S)
    for (let n = 0; n < 1500; n++) lab.nodes[0]!.gossip.submit(lab.bytes(20))
    await lab.pass(60_000)
    expect(Math.max(...(await bytesPerSecond(lab, 20_000)))).toBeLessThan(AT_REST_BYTES_PER_S)
  })

  it('where thousands have expired at one and not at the others', async () => {
    const { bytes } = await rested(1000, 3, (index) => ({
      store: { expiration: { mode: 'mostRecent', count: index === 2 ? 200 : 3000, margin: 0 } }
    }))
    expect(Math.max(...bytes)).toBeLessThan(AT_REST_BYTES_PER_S)
  })

  it('and new updates on either side are still found within a few rounds', async () => {
    const { lab } = await rested(800, 2, (index) => ({
      store: { expiration: { mode: 'mostRecent', count: index === 1 ? 200 : 3000, margin: 0 } },
      broadcast: { mode: 'off' }
    }))
    for (const [from, to] of [
      [0, 1],
      [1, 0]
    ] as const) {
      const { digest } = lab.nodes[from]!.gossip.submit(lab.bytes(20))
      await lab.pass(2000)
      expect(lab.nodes[to]!.got.has(digest)).toBe(true)
      await lab.pass(20_000)
    }
  })
})
