import { describe, expect, it } from 'vitest'
import { DEFAULT_STANDING, type StandingConfig } from '../../src/standing/config.ts'
import { Gate } from '../../src/standing/gate.ts'

const MINUTE_MS = 60_000
const gate = (changes: Partial<StandingConfig> = {}): Gate =>
  new Gate({ ...DEFAULT_STANDING, ...changes }, undefined)

describe('three strikes', () => {
  it('in ten minutes, and a peer is ignored for ten; then it begins anew', () => {
    const node = gate()
    expect([
      node.strike('a', 0),
      node.strike('a', 4 * MINUTE_MS),
      node.strike('b', 4 * MINUTE_MS)
    ]).toEqual([0, 0, 0])
    expect(node.turnsAway('a', 9 * MINUTE_MS)).toBeUndefined()
    expect(node.strike('a', 9 * MINUTE_MS)).toBe(10 * MINUTE_MS)
    expect([node.turnsAway('a', 9 * MINUTE_MS), node.turnsAway('b', 9 * MINUTE_MS)]).toEqual([
      'ignored',
      undefined
    ])
    expect(node.ignoredPeers(19 * MINUTE_MS - 1)).toBe(1)
    expect([node.turnsAway('a', 19 * MINUTE_MS), node.ignoredPeers(19 * MINUTE_MS)]).toEqual([
      undefined,
      0
    ])
    expect(node.strike('a', 19 * MINUTE_MS)).toBe(0)
  })

  it('are forgotten one per ten minutes', () => {
    const node = gate()
    for (let n = 0; n < 20; n++) expect(node.strike('a', n * 11 * MINUTE_MS)).toBe(0)
  })

  it('are made up for: one by a content that was wanted, one by ten messages', () => {
    const node = gate()
    for (let n = 0; n < 20; n++) {
      expect(node.strike('a', n)).toBe(0)
      node.forgive('a', true, n)
      expect(node.strike('b', n)).toBe(0)
      for (let message = 0; message < 10; message++) node.forgive('b', false, n)
    }
    expect(
      [node.strike('a', 20), node.strike('a', 20), node.strike('a', 20)].at(-1)
    ).toBeGreaterThan(0)
  })

  it('never ignore anyone when there may be infinitely many', () => {
    const node = gate({ maxStrikes: Infinity })
    for (let n = 0; n < 1000; n++) expect(node.strike('a', 0)).toBe(0)
  })

  it('are remembered for so many peers, the longest quiet forgotten first', () => {
    const node = gate({ maxOffenders: 2, maxStrikes: 1 })
    for (const peer of ['a', 'b', 'a', 'c']) node.strike(peer, 0)
    expect(['a', 'b', 'c'].map((peer) => node.turnsAway(peer, 1))).toEqual([
      'ignored',
      undefined,
      'ignored'
    ])
    expect(node.ignoredPeers(1)).toBe(2)
  })
})

it('whom the application does not authorize is turned away', () => {
  const node = new Gate(DEFAULT_STANDING, (peer) => peer.startsWith('good'))
  expect([node.turnsAway('good1', 0), node.turnsAway('bad', 0)]).toEqual([
    undefined,
    'unauthorized'
  ])
})
