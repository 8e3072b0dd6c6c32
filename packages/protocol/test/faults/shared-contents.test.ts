/** What the application does with a content that it was given must not change what peers get. */

import { expect, it } from 'vitest'
import type { Update } from '../../src/index.ts'
import { Lab } from './lab.ts'

const writes = ({ content }: Update): void => void content.fill(255)
const transfers = ({ content }: Update): void => {
  structuredClone(content, { transfer: [content.buffer] })
}

it.each([
  ['a handler that writes to it', { onUpdate: writes }],
  ['a handler that transfers it', { onUpdate: transfers }],
  [
    'a validator that transfers it',
    {
      validate: (update: Update) => {
        transfers(update)
        return 'accept' as const
      }
    }
  ]
])('%s changes nothing for others', async (_name, acts) => {
  const lab = new Lab()
  const short = { store: { expiration: { mode: 'duration', ms: 60_000 } } } as const
  const a = await lab.add({ at: 'a', ...short })
  const b = await lab.add({ at: 'b', seeds: ['a'], ...short, ...acts })
  const c = await lab.add({ at: 'c', seeds: ['b'], ...short })
  await lab.pass(3000)
  // Now c can learn of updates of a from b only.
  lab.network.partition([
    ['a', 'b'],
    ['b', 'c']
  ])
  for (let turn = 0; turn < 30; turn++) {
    a.gossip.submit(lab.bytes(1000))
    await lab.pass(1000)
  }
  await lab.pass(120_000)
  expect([b.got.size, c.got.size]).toEqual([30, 30])
  expect(b.gossip.stats()).toMatchObject({ activeUpdates: 0, activeBytes: 0 })
  expect(c.gossip.stats().bannedPeers).toBe(0)
})

it('writing to a Buffer after its submission changes nothing', async () => {
  const lab = new Lab()
  await lab.many(2)
  await lab.pass(3000)
  const content = Buffer.from('as it was submitted')
  const { digest } = lab.nodes[0]!.gossip.submit(content)
  content.fill(0)
  await lab.pass(1000)
  expect([...lab.nodes[1]!.got.keys()]).toEqual([digest])
})
