import { describe, expect, it } from 'vitest'
import { Admission } from '../../src/membership/admission.ts'
import {
  DEFAULT_REPUTATION,
  type ReputationConfig
} from '../../src/membership/reputation-config.ts'

const MINUTE_MS = 60_000
const admission = (changes: Partial<ReputationConfig> = {}): Admission =>
  new Admission({ ...DEFAULT_REPUTATION, ...changes }, undefined)

const penalize = (node: Admission, ...given: Parameters<Admission['penalize']>): number =>
  node.penalize(...given).bannedMs

describe('three violations', () => {
  it('in ten minutes ban a peer for ten; then the count starts again', () => {
    const node = admission()
    expect([
      penalize(node, 0, 'a', 'malformed'),
      penalize(node, 4 * MINUTE_MS, 'a', 'malformed'),
      penalize(node, 4 * MINUTE_MS, 'b', 'malformed')
    ]).toEqual([0, 0, 0])
    expect(node.dropReason(9 * MINUTE_MS, 'a')).toBeUndefined()
    expect(penalize(node, 9 * MINUTE_MS, 'a', 'malformed')).toBe(10 * MINUTE_MS)
    expect([node.dropReason(9 * MINUTE_MS, 'a'), node.dropReason(9 * MINUTE_MS, 'b')]).toEqual([
      'peer-banned',
      undefined
    ])
    expect(node.bannedPeers(19 * MINUTE_MS - 1)).toBe(1)
    expect([node.dropReason(19 * MINUTE_MS, 'a'), node.bannedPeers(19 * MINUTE_MS)]).toEqual([
      undefined,
      0
    ])
    expect(penalize(node, 19 * MINUTE_MS, 'a', 'malformed')).toBe(0)
  })

  it('are forgotten one per ten minutes', () => {
    const node = admission()
    for (let n = 0; n < 20; n++)
      expect(penalize(node, n * 11 * MINUTE_MS, 'a', 'malformed')).toBe(0)
  })

  it('are made up for: one by a requested content, one by ten answers', () => {
    const node = admission()
    for (let n = 0; n < 20; n++) {
      expect(penalize(node, n, 'a', 'malformed')).toBe(0)
      node.forgive(n, 'a', true)
      expect(penalize(node, n, 'b', 'malformed')).toBe(0)
      for (let message = 0; message < 10; message++) node.forgive(n, 'b', false)
    }
    expect(
      [
        penalize(node, 20, 'a', 'malformed'),
        penalize(node, 20, 'a', 'malformed'),
        penalize(node, 20, 'a', 'malformed')
      ].at(-1)
    ).toBeGreaterThan(0)
  })

  it('are not made up for by nine answers', () => {
    const node = admission()
    for (let n = 0; n < 30; n++) {
      penalize(node, 0, 'a', 'malformed')
      for (let answer = 0; answer < 9; answer++) node.forgive(0, 'a', false)
    }
    expect(node.dropReason(0, 'a')).toBe('peer-banned')
  })

  it('do not change the time of a ban', () => {
    const node = admission()
    for (let n = 0; n < 3; n++) penalize(node, 0, 'a', 'malformed')
    for (let n = 0; n < 10; n++) expect(penalize(node, n * MINUTE_MS, 'a', 'malformed')).toBe(0)
    node.forgive(9 * MINUTE_MS, 'a', true)
    expect(node.dropReason(10 * MINUTE_MS - 1, 'a')).toBe('peer-banned')
    expect(node.dropReason(10 * MINUTE_MS, 'a')).toBeUndefined()
    expect(penalize(node, 10 * MINUTE_MS, 'a', 'malformed')).toBe(0)
  })

  it('count a thousandth for an update that is rejected here, which others may have accepted', () => {
    const node = admission()
    let rejected = 0
    while (node.dropReason(0, 'a') === undefined) {
      penalize(node, 0, 'a', 'rejected-update')
      rejected++
    }
    expect(Math.abs(rejected - 3000)).toBeLessThanOrEqual(1)
  })

  it('of many addresses do not end the ban of one', () => {
    const node = admission({ maxTrackedPeers: 2 })
    for (let n = 0; n < 3; n++) penalize(node, 0, 'a', 'malformed')
    for (const peer of ['b', 'c', 'd']) penalize(node, 0, peer, 'malformed')
    expect(node.dropReason(1, 'a')).toBe('peer-banned')
  })

  it('never ban a peer when infinitely many are allowed', () => {
    const node = admission({ maxPenalties: Infinity })
    for (let n = 0; n < 1000; n++) expect(penalize(node, 0, 'a', 'malformed')).toBe(0)
  })

  it('are tracked for a bounded number of peers, and forgotten first for the one whose last violation is the oldest', () => {
    const node = admission({ maxTrackedPeers: 2, maxPenalties: 1 })
    for (const peer of ['a', 'b', 'a', 'c']) penalize(node, 0, peer, 'malformed')
    expect(['a', 'b', 'c'].map((peer) => node.dropReason(1, peer))).toEqual([
      'peer-banned',
      undefined,
      'peer-banned'
    ])
    expect(node.bannedPeers(1)).toBe(2)
  })
})

it('a peer that the application does not authorize is denied', () => {
  const node = new Admission(DEFAULT_REPUTATION, (peer) => peer.startsWith('good'))
  expect([node.dropReason(0, 'good1'), node.dropReason(0, 'bad')]).toEqual([
    undefined,
    'peer-unauthorized'
  ])
})

describe('a peer whose address is only claimed', () => {
  it('is not banned: violations count for the connection, and those of another connection for that one', () => {
    const node = admission()
    node.spoke('a', 'stranger')
    const struck = [1, 2, 3].map((nowMs) => node.penalize(nowMs, 'a', 'malformed'))
    expect(struck).toEqual([
      { bannedMs: 0 },
      { bannedMs: 0 },
      { bannedMs: 0, connection: 'stranger' }
    ])
    expect([node.dropReason(4, 'a'), node.bannedPeers(4)]).toEqual([undefined, 0])
    node.spoke('a', 'own')
    expect(node.penalize(5, 'a', 'malformed')).toEqual({ bannedMs: 0 })
    // By now it has been dialled.
    node.spoke('a', undefined)
    for (const nowMs of [6, 7]) expect(penalize(node, nowMs, 'a', 'malformed')).toBe(0)
    expect(penalize(node, 8, 'a', 'malformed')).toBe(10 * MINUTE_MS)
  })

  it('takes bounded memory: of 1,025 the first is penalized by its address', () => {
    const node = admission({ maxPenalties: 1 })
    for (let n = 0; n <= 1024; n++) node.spoke(`${n}`, 'connection')
    expect(node.penalize(0, '0', 'malformed')).toEqual({ bannedMs: 10 * MINUTE_MS })
    expect(node.penalize(0, '1', 'malformed')).toEqual({ bannedMs: 0, connection: 'connection' })
  })
})
