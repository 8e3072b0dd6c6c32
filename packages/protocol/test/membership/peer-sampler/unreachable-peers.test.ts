/** When peers leave the view, and how they are tried again. */

import { describe, expect, it } from 'vitest'
import type { MessageOf } from '../../../src/model/message.ts'
import { addresses, knowing, meeting, sampler, tellOf } from './sampler.ts'

describe('crate flaw 13: peers that cannot be reached', () => {
  it('leave a view that is not full after two failed sends in a row', () => {
    const node = knowing(['a', 'b'])
    node.sendFailed(10, 'a')
    node.noteAlive('a')
    node.sendFailed(20, 'a')
    expect(addresses(node)).toEqual(['a', 'b'])
    node.sendFailed(30, 'a')
    expect(addresses(node)).toEqual(['b'])
    expect(node.pastPeers).toBe(1)
  })

  it('stay if the options say so, as in the paper', () => {
    const node = knowing(['a'], { maxFailedSends: Infinity })
    for (let n = 0; n < 100; n++) node.sendFailed(n, 'a')
    expect(addresses(node)).toEqual(['a'])
  })

  it('are not brought back by rumors that may be older than the failure', () => {
    const node = meeting(['a', 'dead'], { maxFailedSends: 1 })
    node.sendFailed(10_000, 'dead')
    node.receive(12_000, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 3]) })
    expect(addresses(node)).toEqual(['a'])
    node.receive(17_000, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 4]) })
    expect(addresses(node)).toEqual(['a', 'dead'])
  })

  it('are tried again, one a period in turn, and come back by answering', () => {
    const node = meeting(['a', 'x', 'y'], { maxFailedSends: 1 })
    node.sendFailed(0, 'x')
    node.sendFailed(0, 'y')
    const tried = [1000, 2000, 3000].map((nowMs) => node.tick(nowMs)[0]!.to)
    expect(tried).toEqual(['x', 'y', 'x'])
    node.noteAlive('x')
    node.receive(3001, 'x', { kind: 'view-response', view: tellOf(['x', 0]) })
    expect(addresses(node)).toEqual(['a', 'x'])
    expect(node.pastPeers).toBe(1)
  })

  it('crate flaw 11: are tried without disturbing what the swap removes', () => {
    const node = meeting(['a', 'b', 'c', 'd', 'e', 'dead'], { maxFailedSends: 1, healing: 0 })
    node.sendFailed(0, 'dead')
    node.receive(0, 'f', { kind: 'view-request', view: tellOf(['f', 0]) })
    const [past, round] = node.tick(1000)
    expect(past!.to).toBe('dead')
    const [, ...sent] = (round!.message as MessageOf<'view-request'>).view.map(
      ({ address }) => address
    )
    node.receive(1001, round!.to, { kind: 'view-response', view: tellOf(['x', 1], ['y', 1]) })
    expect(addresses(node).filter((address) => sent.includes(address))).toEqual([])
  })

  it('are bounded, those known longest are kept, and tried as long as the node runs', () => {
    const node = sampler({ maxFailedSends: 1, viewSize: 100, maxPastPeers: 3 })
    for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries())
      node.receive(1000 * (name === 'c' ? 0 : index), name, {
        kind: 'view-request',
        view: tellOf([name, 0], ['rumored' + name, 0])
      })
    for (const { address } of node.peers()) node.sendFailed(9000, address)
    expect(node.pastPeers).toBe(3)
    expect(node.knownAddresses().toSorted()).toEqual(['a', 'b', 'c'])
    // A day later the last attempt is an hour ago at most.
    const tried = new Set<string>()
    const dayMs = 24 * 3_600_000
    for (let nowMs = 10_000; nowMs < dayMs + 3_700_000; nowMs += 50_000) {
      // It is not alone.
      node.receive(nowMs, 'peer', { kind: 'view-request', view: tellOf(['peer', 0]) })
      const [past] = node.tick(nowMs)
      if (nowMs >= dayMs && past!.to !== 'peer') tried.add(past!.to)
      node.noteAlive('peer')
    }
    expect([...tried].toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('are tried each second for five minutes, then after a tenth of the time they are away, at most an hour', () => {
    const node = meeting(['a', 'x'], { maxFailedSends: 1 })
    node.sendFailed(0, 'x')
    const times: number[] = []
    for (let nowMs = 1000; nowMs < 15 * 3_600_000; nowMs += 1000) {
      node.noteAlive('a')
      if (node.tick(nowMs).some(({ to }) => to === 'x')) times.push(nowMs)
    }
    expect(times.slice(0, 299)).toEqual(Array.from({ length: 299 }, (_, n) => 1000 * (n + 1)))
    const later = times.slice(299)
    for (const [index, atMs] of later.slice(1).entries())
      expect((atMs - later[index]!) / later[index]!).toBeLessThan(0.11)
    expect(times.at(-1)! - times.at(-2)!).toBe(3_600_000)
    expect(later.length).toBeLessThan(70)
  })

  it('leave at once when their connection is lost, and are back when they send', () => {
    const node = meeting(['a', 'x'])
    node.lost(0, 'x')
    node.lost(0, 'nobody')
    expect([addresses(node), node.pastPeers]).toEqual([['a'], 1])
    node.noteAlive('x')
    expect([addresses(node).toSorted(), node.pastPeers]).toEqual([['a', 'x'], 0])
  })

  it('leave after three unanswered requests in a row, and are back when they send', () => {
    const node = knowing(['a'])
    const gone: string[] = []
    for (let nowMs = 1000; nowMs <= 4000; nowMs += 1000) {
      expect(addresses(node)).toEqual(['a'])
      node.tick(nowMs)
      gone.push(...node.takeGone())
    }
    expect([addresses(node), gone, node.pastPeers]).toEqual([[], ['a'], 1])
    node.noteAlive('a')
    expect([addresses(node), node.pastPeers]).toEqual([['a'], 0])
  })

  it('are kept for five minutes by a node that receives nothing', () => {
    const node = knowing(['a', 'b', 'c'])
    for (let nowMs = 1000; nowMs < 300_000; nowMs += 1000) node.tick(nowMs)
    expect(addresses(node)).toEqual(['a', 'b', 'c'])
    for (let nowMs = 300_000; nowMs < 330_000; nowMs += 1000) node.tick(nowMs)
    expect(addresses(node)).toEqual([])
  })

  it('leave the view of a hardened node, too, though it prefers verified peers', () => {
    const node = sampler({ hardened: true })
    node.join(0, ['seed'])
    node.noteAlive('seed')
    node.receive(0, 'seed', { kind: 'view-response', view: tellOf(['seed', 0], ['dead', 1]) })
    const requested = new Set<string>()
    for (let nowMs = 1000; nowMs <= 60_000; nowMs += 1000) {
      for (const { to } of node.tick(nowMs)) {
        requested.add(to)
        if (to !== 'seed') continue
        node.noteAlive(to)
        node.receive(nowMs, to, { kind: 'view-response', view: tellOf([to, 0]) })
      }
    }
    expect([addresses(node), requested.has('dead')]).toEqual([['seed'], true])
  })

  it('that never answered are rarely tried, whichever peer lists them, unless they send', () => {
    const node = knowing(['a', 'stranger', 'shy'], { maxFailedSends: 1 })
    node.sendFailed(0, 'stranger')
    node.sendFailed(0, 'shy')
    expect([addresses(node), node.pastPeers]).toEqual([['a'], 0])
    const dayMs = 24 * 3_600_000
    const requested: number[] = []
    for (let nowMs = 1000; nowMs < dayMs + 60_000; nowMs += 1000) {
      const view = tellOf(['a', 0], ['stranger', 0])
      node.receive(nowMs, 'a', { kind: 'view-request', view })
      node.noteAlive('a')
      if (node.tick(nowMs).some(({ to }) => to === 'stranger')) requested.push(nowMs)
    }
    expect(requested[0]).toBeGreaterThanOrEqual(60_000)
    expect(requested.length).toBeLessThan(40)
    node.receive(dayMs, 'shy', { kind: 'view-request', view: tellOf(['shy', 0]) })
    expect(addresses(node)).toEqual(['a', 'shy'])
  })

  it('that others list again and again are tried less often each time', () => {
    const node = meeting(['a', 'dead'], { maxFailedSends: 1 })
    node.sendFailed(0, 'dead')
    const listed: number[] = []
    for (let nowMs = 1000; nowMs < 3_600_000; nowMs += 1000) {
      node.receive(nowMs, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 0]) })
      node.noteAlive('a')
      for (const { to } of node.tick(nowMs)) if (to === 'dead') node.sendFailed(nowMs, to)
      if (addresses(node).includes('dead')) listed.push(nowMs)
    }
    expect(listed.length).toBeLessThanOrEqual(10)
  })
})
