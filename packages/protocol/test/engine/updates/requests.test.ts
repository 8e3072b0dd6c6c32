/** Checks from which peers contents are requested, how many at once, and how peers are treated that offer and do not serve. */

import { describe, expect, it } from 'vitest'
import type { MessageOf } from '../../../src/model/message.ts'
import { digestCheck, digestKey } from '../../../src/model/update.ts'
import type { UpdateNode } from '../update-node.ts'
import { bytes, contents, delivered, digests, dropped, node, sends, type Effects } from './node.ts'

describe('requests', () => {
  it('crate flaw 21: a content offered by many is requested from one', () => {
    const a = node()
    const requests = ['b', 'c', 'd'].flatMap((peer) =>
      sends(a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })).filter(
        ({ message }) => message.kind === 'content-request'
      )
    )
    expect(requests.map(({ to }) => to)).toEqual(['b'])
  })

  it('move to the next peer that offered the same after 3 s, and then are given up', () => {
    const a = node()
    for (const peer of ['b', 'c'])
      a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
    expect(
      sends(a.tick(2999, () => [])).filter(({ message }) => message.kind === 'content-request')
    ).toEqual([])
    expect(a.dueMs).toBe(3000)
    expect(sends(a.tick(3000, () => []))).toEqual([
      { kind: 'send', to: 'c', message: { kind: 'content-request', digests: digests('x') } }
    ])
    expect(dropped(a.tick(6000, () => []))).toEqual({ 'not-delivered': 1 })
    expect(a.gauges().pendingRequests).toBe(0)
    expect(
      sends(a.receive(6001, 'd', { kind: 'digest-request', digests: digests('x') }))[0]
    ).toMatchObject({ to: 'd' })
  })

  it('move on at once when a peer cannot be reached, or has nothing', () => {
    for (const disappoint of [
      (a: UpdateNode) => a.sendFailed(5, 'b'),
      (a: UpdateNode) => a.receive(5, 'b', contents())
    ]) {
      const a = node()
      for (const peer of ['b', 'c'])
        a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
      expect(sends(disappoint(a))).toMatchObject([
        { to: 'c', message: { kind: 'content-request' } }
      ])
    }
  })

  it('an empty answer after an unsolicited content does not count against the peer, and requests still time out', () => {
    const a = node()
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y') })
    const push = { kind: 'eager-push', tree: 1, contents: [bytes('x')], ages: [0] } as const
    const check = digestCheck([digestKey(digests('x'), 0)])
    expect(a.pushed(1, 'b', { ...push, check }).taken).toHaveLength(1)
    a.receive(2, 'b', contents())
    a.receive(3, 'c', { kind: 'digest-request', digests: digests('z') })
    expect(a.dueMs).toBeLessThanOrEqual(3003)
    expect(dropped(a.tick(3003, () => []))).toEqual({ 'not-delivered': 1 })
  })

  it('an update that did not fit is lost when full answers of its peer lack it, not while no peer answers', () => {
    const a = node()
    const offer = (nowMs: number, text: string): Effects =>
      a.receive(nowMs, 'b', { kind: 'digest-request', digests: digests(text) })
    const lostAt = (nowMs: number): number => dropped(a.tick(nowMs, () => []))['lost'] ?? 0
    offer(0, 'y')
    a.receive(1, 'b', contents('y'))
    a.capacity = 0
    expect(dropped(offer(2, 'x'))).toEqual({ 'handler-queue-full': 1 })
    a.capacity = Infinity
    let lost = 0
    for (let nowMs = 60_000; nowMs <= 300_000; nowMs += 60_000) {
      offer(nowMs, 'x')
      lost += lostAt(nowMs + 30_000)
    }
    expect(lost).toBe(0)
    // Nobody has said anything: it may be cut off.
    expect([lostAt(421_000), lostAt(3_600_000)]).toEqual([0, 0])
    for (let round = 0; round < 2; round++) {
      const [request] = sends(a.tick(3_700_000 + 10_000 * round, () => ['b']))
      expect(request!.message.kind).toBe('digest-request')
      a.receive(3_700_001 + 10_000 * round, 'b', { kind: 'digest-response', digests: digests('y') })
    }
    expect([lostAt(3_800_000), lostAt(4_800_000)]).toEqual([1, 0])
  })

  it('a late answer is still accepted: a slow link loses nothing', () => {
    const a = node()
    for (const peer of ['b', 'c'])
      a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
    a.tick(3000, () => [])
    expect(delivered(a.receive(3500, 'b', contents('x')))).toEqual(['x'])
    expect(dropped(a.receive(3600, 'c', contents('x')))).toEqual({ unsolicited: 1 })
  })

  it('crate flaw 20: a long catch-up comes in batches, each requested when the last has arrived', () => {
    const server = node({ maxBatchBytes: 100 })
    const joiner = node({ maxRequestsPerPeer: 8 })
    const all = Array.from({ length: 20 }, (_, n) => `update ${n} ${'.'.repeat(20)}`)
    for (const each of all) server.submit(0, bytes(each))
    const got: string[] = []
    let batches = 0
    for (let round = 0; got.length < 20 && round < 10; round++) {
      let wave = sends(
        joiner.receive(round, 'server', { kind: 'digest-request', digests: digests(...all) })
      )
      while (wave.length > 0) {
        wave = wave.flatMap(({ message }) => {
          if (message.kind !== 'content-request') return []
          const [answer] = sends(server.receive(round, 'joiner', message))
          expect(
            (answer!.message as MessageOf<'content-response'>).contents.length
          ).toBeLessThanOrEqual(2)
          batches++
          const effects = joiner.receive(round, 'server', answer!.message)
          got.push(...delivered(effects))
          return sends(effects)
        })
      }
    }
    expect(got).toEqual(all)
    expect(batches).toBe(10)
  })

  it('one peer has one request open; what it offers meanwhile follows the answer', () => {
    const a = node()
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })
    const kinds = sends(a.receive(1, 'b', { kind: 'digest-request', digests: digests('y') })).map(
      ({ message }) => message.kind
    )
    expect(kinds).toEqual(['digest-response'])
    expect(sends(a.receive(2, 'b', contents('x')))).toEqual([
      { kind: 'send', to: 'b', message: { kind: 'content-request', digests: digests('y') } }
    ])
  })

  it('are bounded, in all and per peer', () => {
    const a = node({ maxRequests: 8, maxRequestsPerPeer: 3 })
    const fake = (from: number): Uint8Array =>
      digests(...Array.from({ length: 10 }, (_, n) => `fake ${from} ${n}`))
    expect(dropped(a.receive(0, 'b', { kind: 'digest-request', digests: fake(1) }))).toEqual({
      'request-limit': 7
    })
    expect(dropped(a.receive(0, 'c', { kind: 'digest-request', digests: fake(2) }))).toEqual({
      'request-limit': 9
    })
    // The other half is for those that have served.
    expect(a.gauges().pendingRequests).toBe(4)
  })

  it('stop while the queue of the handler is full, which gives back-pressure', () => {
    const a = node()
    a.capacity = 1
    expect(
      dropped(a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y', 'z') }))
    ).toEqual({ 'handler-queue-full': 2 })
    a.capacity = 0
    a.receive(1, 'b', contents('x'))
    expect(dropped(a.receive(2, 'b', { kind: 'digest-request', digests: digests('y') }))).toEqual({
      'handler-queue-full': 1
    })
  })

  it('stop while the store is full, and never lose what is in it', () => {
    const a = node({ maxUpdates: 2 })
    a.submit(0, bytes('mine'))
    expect(
      dropped(a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y') }))
    ).toEqual({ 'store-full': 1 })
    a.receive(1, 'b', contents('x'))
    expect(a.gauges().activeUpdates).toBe(2)
    expect(() => a.submit(2, bytes('more'))).toThrowError(
      expect.objectContaining({ code: 'STORE_FULL' })
    )
  })
})

describe('offers', () => {
  const offer = (a: UpdateNode, nowMs: number, name: string): Effects =>
    a.receive(nowMs, 'b', { kind: 'digest-request', digests: digests(name) })

  it('a peer that left requests unanswered is asked again, because messages may be lost', () => {
    const a = node({ pull: false })
    for (let nowMs = 0; nowMs < 60_000; nowMs += 3000) {
      const effects = offer(a, nowMs, `at ${nowMs}`)
      expect(sends(effects)).toHaveLength(1)
      expect(dropped(effects)).toEqual({})
      a.tick(nowMs + 3000, () => [])
    }
  })

  it('after three answers in a row, over four seconds, without what was offered, others are asked first', () => {
    const a = node({ pull: false })
    for (const nowMs of [0, 2500, 5000]) {
      expect(sends(offer(a, nowMs, `at ${nowMs}`))).toHaveLength(1)
      a.receive(nowMs + 1, 'b', contents())
    }
    const offerOfC = { kind: 'digest-request', digests: digests('x') } as const
    // It is still requested from the only source, until another peer offers the same.
    expect(sends(offer(a, 6000, 'x'))).toMatchObject([{ to: 'b' }])
    expect(sends(a.receive(6001, 'c', offerOfC))).toMatchObject([{ to: 'c' }])
    expect(delivered(a.receive(6002, 'c', contents('x')))).toEqual(['x'])
    // Beyond a few, its offers are not even noted.
    const many = digests('1', '2', '3', '4', '5')
    expect(dropped(a.receive(6003, 'b', { kind: 'ihave', digests: many }))).toEqual({
      'peer-distrusted': 3
    })
  })

  it('one that is fulfilled resets the count', () => {
    const a = node({ pull: false })
    for (let n = 0; n < 12; n++) {
      expect(sends(offer(a, 10 * n, `${n}`))).toHaveLength(1)
      a.receive(10 * n + 1, 'b', n % 3 === 2 ? contents(`${n}`) : contents())
    }
  })

  it('a content that was given up is accepted when it arrives later', () => {
    const a = node({ pull: false })
    offer(a, 0, 'x')
    expect(dropped(a.tick(3000, () => []))).toEqual({ 'not-delivered': 1 })
    expect(delivered(a.receive(50_000, 'b', contents('x')))).toEqual(['x'])
  })
})
