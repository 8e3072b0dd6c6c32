/** What cannot be judged when it comes is judged again later, at growing intervals. */

import { describe, expect, it } from 'vitest'
import { Lab } from './lab.ts'

const text = (content: Uint8Array): string => new TextDecoder().decode(content)
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content)

describe('the verdict later', () => {
  it('accepts updates once those that they refer to have arrived, and costs little until then', async () => {
    const lab = new Lab()
    let hasParent = false
    const a = await lab.add()
    const b = await lab.add({
      validate: ({ content }) => {
        if (text(content) === 'parent') hasParent = true
        return hasParent ? 'accept' : 'later'
      }
    })
    await lab.pass(3000)
    const children = Array.from({ length: 20 }, (_, n) => `child ${n} `.padEnd(2000, '.'))
    for (const child of children) a.gossip.submit(bytes(child))
    await lab.pass(30_000)
    expect([b.got.size, b.gossip.stats().postponedUpdates]).toEqual([0, 20])
    expect(b.traffic.contentsIn).toBeLessThan(7 * 20 * 2100)
    a.gossip.submit(bytes('parent'))
    await lab.pass(60_000)
    expect([b.got.size, b.gossip.stats().postponedUpdates]).toEqual([21, 0])
    expect([b.counts['lost'] ?? 0, b.counts['violation'] ?? 0]).toEqual([0, 0])
  })

  it('reports once that an update is lost, when it was tried too often', async () => {
    const lab = new Lab()
    const a = await lab.add({ preset: 'wan' })
    let calls = 0
    const b = await lab.add({ preset: 'wan', validate: () => (calls++, 'later') })
    await lab.pass(3000)
    a.gossip.submit(bytes('never'))
    await lab.pass(600_000)
    expect([b.counts['postponed'], b.counts['lost'], calls]).toEqual([7, 1, 8])
    await lab.pass(3_600_000)
    expect([b.counts['lost'], calls]).toEqual([1, 9])
  })
})
