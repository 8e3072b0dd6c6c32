/** Checks the exchanges of the papers: their partners, times and contents, and the ageing of entries. */

import { describe, expect, it } from 'vitest'
import { defaultExchangeSize, policy } from '../../../src/membership/config.ts'
import { PeerSampler } from '../../../src/membership/peer-sampler.ts'
import type { MessageOf } from '../../../src/model/message.ts'
import { createRng } from '../../../src/model/random.ts'
import { addresses, config, knowing, sampler, sends, tellOf } from './sampler.ts'

describe('the active thread (fig. 1)', () => {
  it('opens one exchange a period, with its own entry first and c/2 - 1 of the view', () => {
    const node = knowing(['a', 'b', 'c'])
    expect(node.tick(node.dueMs - 1)).toEqual([])
    const dueMs = node.dueMs
    expect(dueMs).toBeLessThan(1000)
    const [send] = node.tick(dueMs)
    expect(send!.message).toMatchObject({ kind: 'view-request' })
    const { view } = send!.message as MessageOf<'view-request'>
    expect(view[0]).toEqual({ address: 'me', age: 0 })
    expect(view).toHaveLength(3)
    expect(node.dueMs).toBe(dueMs + 1000)
  })

  it('fires once when late, not in a burst', () => {
    const node = knowing(['a'])
    expect(node.tick(50_000)).toHaveLength(1)
    expect(node.tick(50_000)).toEqual([])
    expect(node.dueMs).toBe(51_000)
  })

  it('without push sends no view, without pull sends no answer', () => {
    const puller = knowing(['a'], { push: false })
    expect(puller.tick(1000)[0]!.message).toEqual({ kind: 'view-request', view: [] })
    expect(
      sampler({ pull: false }).receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0]) })
    ).toEqual([])
  })

  it('tail picks the oldest entry', () => {
    const node = sampler({ selection: 'tail' })
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['b', 7], ['c', 2]) })
    expect(node.tick(1000)[0]!.to).toBe('b')
  })
})

describe('a simulator that says which peers are alive (section 2.2, selectPeer)', () => {
  it.each(['rand', 'tail'] as const)(
    '%s ignores dead peers, which stay in the view',
    (selection) => {
      const mayAsk = (address: string): boolean => address !== 'dead'
      const node = new PeerSampler(
        'me',
        { ...config, selection, mayAsk, maxFailedSends: Infinity },
        createRng(1),
        0
      )
      node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 9], ['b', 3]) })
      const requested = Array.from({ length: 40 }, (_, n) => node.tick(1000 * (n + 1))[0]!.to)
      expect([...new Set(requested)].sort()).toEqual(selection === 'tail' ? ['b'] : ['a', 'b'])
      expect(addresses(node)).toEqual(['a', 'b', 'dead'])
    }
  )

  it('sends no request when no peer may be chosen', () => {
    const node = new PeerSampler('me', { ...config, mayAsk: () => false }, createRng(1), 0)
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0]) })
    expect(node.tick(1000)).toEqual([])
  })
})

describe('ageing (papers: both sides, once per exchange)', () => {
  it('crate flaw 12: the initiator ages once per exchange, on the answer', () => {
    const node = knowing(['a'])
    node.tick(1000)
    expect(node.peers()).toEqual(tellOf(['a', 1]))
    node.receive(1001, 'a', { kind: 'view-response', view: tellOf(['a', 0], ['b', 3]) })
    expect(node.peers()).toEqual(tellOf(['a', 1], ['b', 4]))
  })

  it('an exchange without an answer ages too, at the next round', () => {
    const node = knowing(['a'])
    node.tick(1000)
    node.tick(2000)
    expect(node.peers()).toEqual(tellOf(['a', 2]))
  })

  it('the passive side ages after its merge, and replies before it', () => {
    const node = knowing(['x'])
    const [reply] = sends(
      node.receive(5, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['b', 1]) })
    )
    expect(reply).toEqual({
      kind: 'send',
      to: 'a',
      message: { kind: 'view-response', view: tellOf(['me', 0], ['x', 1]) }
    })
    expect(node.peers()).toEqual(tellOf(['x', 2], ['a', 1], ['b', 2]))
  })

  it('push only: ages at once', () => {
    const node = knowing(['a'], { pull: false })
    node.tick(1000)
    expect(node.peers()).toEqual(tellOf(['a', 2]))
  })
})

describe('what is accepted', () => {
  it('crate flaw 8: a response that was not requested is dropped', () => {
    const node = sampler()
    const view = tellOf(['evil1', 0], ['evil2', 0])
    expect(node.receive(0, 'evil', { kind: 'view-response', view })).toEqual([
      { kind: 'dropped', reason: 'unsolicited', count: 1, peer: 'evil' }
    ])
    node.join(0, ['a'])
    node.tick(1000)
    node.receive(1001, 'a', { kind: 'view-response', view: tellOf(['a', 0]) })
    expect(node.receive(1002, 'a', { kind: 'view-response', view })).toMatchObject([
      { reason: 'unsolicited' }
    ])
    expect(addresses(node)).toEqual(['a'])
  })

  it('crate flaw 10: only the sender may have age 0, and a view is bounded', () => {
    const node = sampler()
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['b', 0]) })
    expect(node.peers()).toEqual(tellOf(['a', 1], ['b', 2]))
    const long = Array.from({ length: 100 }, (_, n) => ({ address: `e${n}`, age: 1 }))
    const effects = node.receive(0, 'e', { kind: 'view-request', view: long })
    expect(effects).toContainEqual({
      kind: 'dropped',
      reason: 'view-truncated',
      count: 83,
      peer: 'e'
    })
    expect(node.peers()).toHaveLength(6)
  })

  it('never its own address', () => {
    const node = knowing(['me', 'a'])
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['me', 3]) })
    expect(addresses(node)).toEqual(['a'])
  })
})

it('targets are different peers, at most as many as there are', () => {
  const node = knowing(['a', 'b'])
  expect(node.targets(5).sort()).toEqual(['a', 'b'])
  expect(sampler().targets(1)).toEqual([])
})

it('crate flaw 14: the smallest views exchange something', () => {
  expect([1, 2, 3, 4, 6, 30].map(defaultExchangeSize)).toEqual([1, 1, 1, 1, 2, 14])
  const node = knowing(['a', 'b'], { viewSize: 1, exchangeSize: 1, healing: 0 })
  expect(node.peers()).toHaveLength(1)
  expect(node.tick(1000)).toHaveLength(1)
})

it('the policies are the three extremes of H and S', () => {
  expect([policy('blind', 30), policy('healer', 30), policy('swapper', 30)]).toEqual([
    { healing: 0, swapping: 0 },
    { healing: 15, swapping: 0 },
    { healing: 0, swapping: 15 }
  ])
})

it('crate flaw 27: periods jitter both ways', () => {
  const node = sampler({ jitter: 0.5 })
  const periods: number[] = []
  for (let n = 0; n < 200; n++) {
    const nowMs = node.dueMs
    node.tick(nowMs)
    periods.push(node.dueMs - nowMs)
  }
  expect(Math.min(...periods)).toBeLessThan(600)
  expect(Math.max(...periods)).toBeGreaterThan(1400)
  expect(periods.every((ms) => ms >= 500 && ms <= 1500)).toBe(true)
})
