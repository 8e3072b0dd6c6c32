import { describe, expect, it } from 'vitest'
import { DEFAULT_STANDING, type StandingConfig } from '../../src/standing/config.ts'
import { Gate } from '../../src/standing/gate.ts'

const MINUTE_MS = 60_000
const gate = (changes: Partial<StandingConfig> = {}): Gate =>
  new Gate({ ...DEFAULT_STANDING, ...changes }, undefined)

const strike = (node: Gate, ...given: Parameters<Gate['strike']>): number =>
  node.strike(...given).ignoredMs

describe('three strikes', () => {
  it('in ten minutes, and a peer is ignored for ten; then it begins anew', () => {
    const node = gate()
    expect([
      strike(node, 'a', 'malformed', 0),
      strike(node, 'a', 'malformed', 4 * MINUTE_MS),
      strike(node, 'b', 'malformed', 4 * MINUTE_MS)
    ]).toEqual([0, 0, 0])
    expect(node.turnsAway('a', 9 * MINUTE_MS)).toBeUndefined()
    expect(strike(node, 'a', 'malformed', 9 * MINUTE_MS)).toBe(10 * MINUTE_MS)
    expect([node.turnsAway('a', 9 * MINUTE_MS), node.turnsAway('b', 9 * MINUTE_MS)]).toEqual([
      'ignored',
      undefined
    ])
    expect(node.ignoredPeers(19 * MINUTE_MS - 1)).toBe(1)
    expect([node.turnsAway('a', 19 * MINUTE_MS), node.ignoredPeers(19 * MINUTE_MS)]).toEqual([
      undefined,
      0
    ])
    expect(strike(node, 'a', 'malformed', 19 * MINUTE_MS)).toBe(0)
  })

  it('are forgotten one per ten minutes', () => {
    const node = gate()
    for (let n = 0; n < 20; n++) expect(strike(node, 'a', 'malformed', n * 11 * MINUTE_MS)).toBe(0)
  })

  it('are made up for: one by a content that was wanted, one by ten answers', () => {
    const node = gate()
    for (let n = 0; n < 20; n++) {
      expect(strike(node, 'a', 'malformed', n)).toBe(0)
      node.forgive('a', true, n)
      expect(strike(node, 'b', 'malformed', n)).toBe(0)
      for (let message = 0; message < 10; message++) node.forgive('b', false, n)
    }
    expect(
      [
        strike(node, 'a', 'malformed', 20),
        strike(node, 'a', 'malformed', 20),
        strike(node, 'a', 'malformed', 20)
      ].at(-1)
    ).toBeGreaterThan(0)
  })

  it('are not made up for by nine answers', () => {
    const node = gate()
    for (let n = 0; n < 30; n++) {
      strike(node, 'a', 'malformed', 0)
      for (let answer = 0; answer < 9; answer++) node.forgive('a', false, 0)
    }
    expect(node.turnsAway('a', 0)).toBe('ignored')
  })

  it('add nothing to the time of a peer that is ignored, and take nothing from it', () => {
    const node = gate()
    for (let n = 0; n < 3; n++) strike(node, 'a', 'malformed', 0)
    for (let n = 0; n < 10; n++) expect(strike(node, 'a', 'malformed', n * MINUTE_MS)).toBe(0)
    node.forgive('a', true, 9 * MINUTE_MS)
    expect(node.turnsAway('a', 10 * MINUTE_MS - 1)).toBe('ignored')
    expect(node.turnsAway('a', 10 * MINUTE_MS)).toBeUndefined()
    expect(strike(node, 'a', 'malformed', 10 * MINUTE_MS)).toBe(0)
  })

  it('weigh a thousandth for an update that is rejected here, which others may have accepted', () => {
    const node = gate()
    let rejected = 0
    while (node.turnsAway('a', 0) === undefined) {
      strike(node, 'a', 'rejected-update', 0)
      rejected++
    }
    expect(Math.abs(rejected - 3000)).toBeLessThanOrEqual(1)
  })

  it('of many addresses do not end the time of one', () => {
    const node = gate({ maxOffenders: 2 })
    for (let n = 0; n < 3; n++) strike(node, 'a', 'malformed', 0)
    for (const peer of ['b', 'c', 'd']) strike(node, peer, 'malformed', 0)
    expect(node.turnsAway('a', 1)).toBe('ignored')
  })

  it('never ignore anyone when there may be infinitely many', () => {
    const node = gate({ maxStrikes: Infinity })
    for (let n = 0; n < 1000; n++) expect(strike(node, 'a', 'malformed', 0)).toBe(0)
  })

  it('are remembered for so many peers, the longest quiet forgotten first', () => {
    const node = gate({ maxOffenders: 2, maxStrikes: 1 })
    for (const peer of ['a', 'b', 'a', 'c']) strike(node, peer, 'malformed', 0)
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

describe('a peer whose address is only claimed', () => {
  it('is not ignored: the connection answers, and what another says in its name counts for that one', () => {
    const node = gate()
    node.spoke('a', 'stranger')
    const struck = [1, 2, 3].map((nowMs) => node.strike('a', 'malformed', nowMs))
    expect(struck).toEqual([
      { ignoredMs: 0 },
      { ignoredMs: 0 },
      { ignoredMs: 0, connection: 'stranger' }
    ])
    expect([node.turnsAway('a', 4), node.ignoredPeers(4)]).toEqual([undefined, 0])
    node.spoke('a', 'own')
    expect(node.strike('a', 'malformed', 5)).toEqual({ ignoredMs: 0 })
    // By now it has been dialled.
    node.spoke('a', undefined)
    for (const nowMs of [6, 7]) expect(strike(node, 'a', 'malformed', nowMs)).toBe(0)
    expect(strike(node, 'a', 'malformed', 8)).toBe(10 * MINUTE_MS)
  })

  it('takes bounded memory: of 1,025 the first answers by its address', () => {
    const node = gate({ maxStrikes: 1 })
    for (let n = 0; n <= 1024; n++) node.spoke(`${n}`, 'connection')
    expect(node.strike('0', 'malformed', 0)).toEqual({ ignoredMs: 10 * MINUTE_MS })
    expect(node.strike('1', 'malformed', 0)).toEqual({ ignoredMs: 0, connection: 'connection' })
  })
})
