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
      node.strike('a', 'malformed', 0),
      node.strike('a', 'malformed', 4 * MINUTE_MS),
      node.strike('b', 'malformed', 4 * MINUTE_MS)
    ]).toEqual([0, 0, 0])
    expect(node.turnsAway('a', 9 * MINUTE_MS)).toBeUndefined()
    expect(node.strike('a', 'malformed', 9 * MINUTE_MS)).toBe(10 * MINUTE_MS)
    expect([node.turnsAway('a', 9 * MINUTE_MS), node.turnsAway('b', 9 * MINUTE_MS)]).toEqual([
      'ignored',
      undefined
    ])
    expect(node.ignoredPeers(19 * MINUTE_MS - 1)).toBe(1)
    expect([node.turnsAway('a', 19 * MINUTE_MS), node.ignoredPeers(19 * MINUTE_MS)]).toEqual([
      undefined,
      0
    ])
    expect(node.strike('a', 'malformed', 19 * MINUTE_MS)).toBe(0)
  })

  it('are forgotten one per ten minutes', () => {
    const node = gate()
    for (let n = 0; n < 20; n++) expect(node.strike('a', 'malformed', n * 11 * MINUTE_MS)).toBe(0)
  })

  it('are made up for: one by a content that was wanted, one by ten answers', () => {
    const node = gate()
    for (let n = 0; n < 20; n++) {
      expect(node.strike('a', 'malformed', n)).toBe(0)
      node.forgive('a', true, n)
      expect(node.strike('b', 'malformed', n)).toBe(0)
      for (let message = 0; message < 10; message++) node.forgive('b', false, n)
    }
    expect(
      [
        node.strike('a', 'malformed', 20),
        node.strike('a', 'malformed', 20),
        node.strike('a', 'malformed', 20)
      ].at(-1)
    ).toBeGreaterThan(0)
  })

  it('are not made up for by nine answers', () => {
    const node = gate()
    for (let n = 0; n < 30; n++) {
      node.strike('a', 'malformed', 0)
      for (let answer = 0; answer < 9; answer++) node.forgive('a', false, 0)
    }
    expect(node.turnsAway('a', 0)).toBe('ignored')
  })

  it('add nothing to the time of a peer that is ignored, and take nothing from it', () => {
    const node = gate()
    for (let n = 0; n < 3; n++) node.strike('a', 'malformed', 0)
    for (let n = 0; n < 10; n++) expect(node.strike('a', 'malformed', n * MINUTE_MS)).toBe(0)
    node.forgive('a', true, 9 * MINUTE_MS)
    expect(node.turnsAway('a', 10 * MINUTE_MS - 1)).toBe('ignored')
    expect(node.turnsAway('a', 10 * MINUTE_MS)).toBeUndefined()
    expect(node.strike('a', 'malformed', 10 * MINUTE_MS)).toBe(0)
  })

  it('weigh a thousandth for an update that is rejected here, which others may have accepted', () => {
    const node = gate()
    let rejected = 0
    while (node.turnsAway('a', 0) === undefined) {
      node.strike('a', 'rejected-update', 0)
      rejected++
    }
    expect(Math.abs(rejected - 3000)).toBeLessThanOrEqual(1)
  })

  it('of many addresses do not end the time of one', () => {
    const node = gate({ maxOffenders: 2 })
    for (let n = 0; n < 3; n++) node.strike('a', 'malformed', 0)
    for (const peer of ['b', 'c', 'd']) node.strike(peer, 'malformed', 0)
    expect(node.turnsAway('a', 1)).toBe('ignored')
  })

  it('never ignore anyone when there may be infinitely many', () => {
    const node = gate({ maxStrikes: Infinity })
    for (let n = 0; n < 1000; n++) expect(node.strike('a', 'malformed', 0)).toBe(0)
  })

  it('are remembered for so many peers, the longest quiet forgotten first', () => {
    const node = gate({ maxOffenders: 2, maxStrikes: 1 })
    for (const peer of ['a', 'b', 'a', 'c']) node.strike(peer, 'malformed', 0)
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
