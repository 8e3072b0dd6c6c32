/** Checks how a node finds peers from its contacts. */

import { describe, expect, it } from 'vitest'
import { addresses, sampler, tellOf } from './sampler.ts'

describe('joining', () => {
  it('sends requests to three contacts at once, and to the others in turn, until a peer is known', () => {
    const node = sampler()
    const first = node.join(0, ['a', 'b', 'c', 'd', 'a', 'me']).map(({ to }) => to)
    const then = node.tick(1000).map(({ to }) => to)
    expect([first.length, then.length, new Set([...first, ...then]).size]).toEqual([3, 3, 4])
    node.noteAlive(then[0]!)
    node.receive(1001, then[0]!, { kind: 'view-response', view: tellOf([then[0]!, 0]) })
    // Then one a period besides the round, until all have answered: a late one is not forgotten.
    const later = [2000, 3000, 4000].flatMap((nowMs) => {
      const requested = node.tick(nowMs).map(({ to }) => to)
      node.noteAlive(then[0]!)
      return requested.slice(0, -1)
    })
    expect(later.toSorted()).toEqual(['a', 'b', 'c', 'd'].filter((contact) => contact !== then[0]))
    for (const contact of later) node.noteAlive(contact)
    expect(node.tick(5000)).toHaveLength(1)
  })

  it('contacts enter the view by answering, under the address that they give themselves', () => {
    const node = sampler()
    node.join(0, ['a.example'])
    expect(node.peers()).toEqual([])
    node.receive(1, 'a.example', { kind: 'view-response', view: tellOf(['a', 0]) })
    expect(addresses(node)).toEqual(['a'])
    expect(node.join(0, ['a', 's'])).toMatchObject([{ to: 's' }])
  })

  it('without pull there are no answers, so contacts enter the view at once', () => {
    const node = sampler({ pull: false })
    node.join(0, ['a', 'b'])
    expect(addresses(node)).toEqual(['a', 'b'])
  })

  it('keeps peers from before a restart in the given order', () => {
    const node = sampler({ maxPastPeers: 8 })
    node.join(0, ['c', 'h', 'a', 'g', 'b', 'f'], ['b'])
    expect(node.knownAddresses()).toEqual(['c', 'h', 'a', 'g', 'f'])
  })
})
