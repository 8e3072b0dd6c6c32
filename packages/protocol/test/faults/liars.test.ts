/** Peers that announce what they never serve do not slow the fetches of others. */

import { expect, it } from 'vitest'
import { createRng } from '../../src/plugin.ts'
import { Lab, quantile } from './lab.ts'

/** Delays of 8 KB updates of six nodes, while `liars` peers announce digests of nothing to all of them. */
async function delays(liars: number): Promise<number[]> {
  const lab = new Lab()
  const rng = createRng(99)
  await lab.many(6)
  await lab.pass(5000)
  for (let n = 0; n < liars; n++) {
    const tell = await lab.liar(`liar${n}`)
    const lie = (): void => {
      for (const { gossip } of lab.nodes) {
        const digests = new Uint8Array(32 * 32)
        for (let at = 0; at < digests.length; at += 8) {
          new DataView(digests.buffer).setFloat64(at, rng.fraction())
        }
        tell(gossip.address, { kind: 'ihave', digests })
      }
      lab.clock.wakeAt(lab.clock.now() + 500, lie)
    }
    lie()
  }
  await lab.pass(1000)
  const sent: { digest: string; atMs: number; by: number }[] = []
  for (let n = 0; n < 18; n++) {
    const by = n % 6
    const { digest } = lab.nodes[by]!.gossip.submit(lab.bytes(8000))
    sent.push({ digest, atMs: lab.clock.now(), by })
    await lab.pass(250)
  }
  await lab.pass(3000)
  return lab.nodes.flatMap(({ got }, at) =>
    sent
      .filter(({ by }) => by !== at)
      .map(({ digest, atMs }) => (got.get(digest) ?? Infinity) - atMs)
  )
}

it('32 of them do not double the time of the slowest updates', async () => {
  const [without, among] = [await delays(0), await delays(32)]
  expect(quantile(among, 0.99)).toBeLessThanOrEqual(2 * quantile(without, 0.99))
})
