import { describe, expect, it } from 'vitest'
import type { DisseminationConfig } from '../../src/dissemination/config.ts'
import { Disseminator } from '../../src/dissemination/disseminator.ts'
import type { ContentResponse, Send } from '../../src/message.ts'
import { createRng } from '../../src/random.ts'
import { PRESETS } from '../../src/service/presets.ts'
import { blake3Digest, countDigests, digestOf, packDigests } from '../../src/update.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)
const digests = (...texts: string[]): Uint8Array =>
  packDigests(texts.map((each) => blake3Digest(bytes(each))))

function node(changes: Partial<DisseminationConfig> = {}): Disseminator {
  const config = { ...PRESETS.reference.dissemination, ...changes }
  return new Disseminator(config, blake3Digest, createRng(1), 0, false)
}

type Outcomes = ReturnType<Disseminator['receive']>
const sends = (outcomes: Outcomes): Send[] => outcomes.filter((each) => each.kind === 'send')
const delivered = (outcomes: Outcomes): string[] =>
  outcomes.flatMap((each) => (each.kind === 'deliver' ? [text(each.update.content)] : []))
const dropped = (outcomes: Outcomes): Record<string, number> =>
  Object.fromEntries(
    outcomes.flatMap((each) => (each.kind === 'drop' ? [[each.reason, each.count]] : []))
  )
const contents = (...texts: string[]): ContentResponse => ({
  kind: 'content-response',
  contents: texts.map(bytes)
})

describe('a round', () => {
  it('names what is active to one peer, as the crate does', () => {
    const a = node()
    a.submit(0, bytes('x'))
    const [send, ...more] = sends(a.tick(1000, (count) => ['b', 'c'].slice(0, count)))
    expect(send).toEqual({
      kind: 'send',
      to: 'b',
      message: { kind: 'digest-request', digests: digests('x') }
    })
    expect(more).toEqual([])
  })

  it('names also what others have announced, or named in an answer', () => {
    const a = node()
    a.submit(0, bytes('x'))
    a.submit(0, bytes('y'))
    a.receive(1, 'c', { kind: 'announcement', digests: digests('x') })
    a.tick(1000, () => ['b'])
    a.receive(1001, 'b', { kind: 'digest-response', digests: digests('y') })
    expect(sends(a.tick(2100, () => ['b']))[0]!.message).toEqual({
      kind: 'digest-request',
      digests: digests('x', 'y')
    })
  })

  it('goes to as many as the fanout says', () => {
    expect(
      sends(node({ fanout: 3 }).tick(1000, (count) => ['b', 'c', 'd', 'e'].slice(0, count)))
    ).toHaveLength(3)
  })

  it('is early harmless and late once', () => {
    const a = node()
    expect(a.tick(a.dueMs - 0.001, () => ['b'])).toEqual([])
    expect(a.tick(99_000, () => ['b'])).toHaveLength(1)
    expect(a.tick(99_999, () => ['b'])).toEqual([])
  })

  it('push only says nothing when there is nothing; pull only names nothing', () => {
    expect(node({ pull: false }).tick(1000, () => ['b'])).toEqual([])
    const puller = node({ push: false })
    puller.submit(0, bytes('x'))
    expect(sends(puller.tick(1000, () => ['b']))[0]!.message).toEqual({
      kind: 'digest-request',
      digests: digests()
    })
  })

  it('crate flaw 18: names the newest and a random stretch of the others when there are too many', () => {
    const a = node({ maxDigestsPerMessage: 4 })
    for (const each of ['1', '2', '3', '4', '5', '6', '7']) a.submit(0, bytes(each))
    const named = new Set<string>()
    for (let nowMs = 1000; nowMs < 60_000; nowMs += 1000) {
      const message = sends(a.tick(nowMs, () => ['b']))[0]!.message as { digests: Uint8Array }
      expect(countDigests(message.digests)).toBe(4)
      for (let at = 0; at < 128; at += 32) named.add(String(message.digests.slice(at, at + 32)))
      expect(message.digests.slice(64)).toEqual(digests('6', '7'))
    }
    expect(named.size).toBe(7)
  })
})

describe('an exchange', () => {
  it('asks for what is new, answers with what the request did not name', () => {
    const a = node()
    a.submit(0, bytes('both'))
    a.submit(0, bytes('mine'))
    const outcomes = sends(
      a.receive(1, 'b', { kind: 'digest-request', digests: digests('both', 'theirs') })
    )
    expect(outcomes.map(({ message }) => message)).toEqual([
      { kind: 'content-request', digests: digests('theirs') },
      { kind: 'digest-response', digests: digests('mine') }
    ])
  })

  it('brings contents once, in the order asked', () => {
    const a = node()
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y') })
    const outcomes = a.receive(1, 'b', contents('x', 'y'))
    expect(delivered(outcomes)).toEqual(['x', 'y'])
    expect(delivered(a.receive(2, 'b', contents('x')))).toEqual([])
    expect(a.status(3, digests('x'))).toBe('active')
  })

  it('serves what is asked, in that order, and says when there is nothing', () => {
    const a = node()
    a.submit(0, bytes('x'))
    a.submit(0, bytes('y'))
    const [send] = sends(
      a.receive(1, 'b', { kind: 'content-request', digests: digests('y', 'none', 'x', 'y') })
    )
    expect(send).toEqual({
      kind: 'send',
      to: 'b',
      message: contents('y', 'x'),
      serves: [digestOf(bytes('y')), digestOf(bytes('x'))]
    })
    const [nothing] = sends(
      a.receive(1, 'b', { kind: 'content-request', digests: digests('none') })
    )
    expect(nothing!.message).toEqual(contents())
  })

  it('with push off ignores what requests name, with pull off what answers name', () => {
    const puller = node({ push: false })
    expect(
      sends(puller.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })).map(
        ({ message }) => message.kind
      )
    ).toEqual(['digest-response'])
    const pusher = node({ pull: false })
    expect(
      sends(pusher.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })).map(
        ({ message }) => message.kind
      )
    ).toEqual(['content-request'])
  })

  it('reads one digest response per request', () => {
    const a = node()
    expect(dropped(a.receive(0, 'b', { kind: 'digest-response', digests: digests('x') }))).toEqual({
      unasked: 1
    })
    a.tick(1000, () => ['b'])
    expect(
      sends(a.receive(1001, 'b', { kind: 'digest-response', digests: digests('x') }))
    ).toHaveLength(1)
    expect(
      dropped(a.receive(1002, 'b', { kind: 'digest-response', digests: digests('y') }))
    ).toEqual({ unasked: 1 })
  })
})

describe('requests', () => {
  it('crate flaw 21: a content advertised by many is asked of one', () => {
    const a = node()
    const asked = ['b', 'c', 'd'].flatMap((peer) =>
      sends(a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })).filter(
        ({ message }) => message.kind === 'content-request'
      )
    )
    expect(asked.map(({ to }) => to)).toEqual(['b'])
  })

  it('go to the next that offered the same after 3 s, and then are given up', () => {
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
    expect(dropped(a.tick(6000, () => []))).toEqual({ 'not-served': 1 })
    expect(a.gauges().pendingRequests).toBe(0)
    expect(
      sends(a.receive(6001, 'd', { kind: 'digest-request', digests: digests('x') }))[0]
    ).toMatchObject({ to: 'd' })
  })

  it('go on at once when a peer cannot be reached, or has nothing', () => {
    for (const disappoint of [
      (a: Disseminator) => a.sendFailed(5, 'b'),
      (a: Disseminator) => a.receive(5, 'b', contents())
    ]) {
      const a = node()
      for (const peer of ['b', 'c'])
        a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
      expect(sends(disappoint(a))).toMatchObject([
        { to: 'c', message: { kind: 'content-request' } }
      ])
    }
  })

  it('a late answer is still taken: a slow link loses nothing', () => {
    const a = node()
    for (const peer of ['b', 'c'])
      a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
    a.tick(3000, () => [])
    expect(delivered(a.receive(3500, 'b', contents('x')))).toEqual(['x'])
    expect(dropped(a.receive(3600, 'c', contents('x')))).toEqual({ unasked: 1 })
  })

  it('crate flaw 20: a long catch-up comes in batches, each asked for when the last has come', () => {
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
          expect((answer!.message as ContentResponse).contents.length).toBeLessThanOrEqual(2)
          batches++
          const outcomes = joiner.receive(round, 'server', answer!.message as ContentResponse)
          got.push(...delivered(outcomes))
          return sends(outcomes)
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
    const a = node({ maxRequests: 5, maxRequestsPerPeer: 3 })
    const fake = (from: number): Uint8Array =>
      digests(...Array.from({ length: 10 }, (_, n) => `fake ${from} ${n}`))
    expect(dropped(a.receive(0, 'b', { kind: 'digest-request', digests: fake(1) }))).toEqual({
      'requests-full': 7
    })
    expect(dropped(a.receive(0, 'c', { kind: 'digest-request', digests: fake(2) }))).toEqual({
      'requests-full': 8
    })
    expect(a.gauges().pendingRequests).toBe(5)
  })

  it('stop while the handler has no room: pull is back-pressure', () => {
    const a = node()
    a.room = 1
    expect(
      dropped(a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y', 'z') }))
    ).toEqual({ 'handler-busy': 2 })
    a.room = 0
    a.receive(1, 'b', contents('x'))
    expect(dropped(a.receive(2, 'b', { kind: 'digest-request', digests: digests('y') }))).toEqual({
      'handler-busy': 1
    })
  })

  it('stop while the store has no room, and never lose what is in it', () => {
    const a = node({ maxActiveUpdates: 2 })
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

describe('promises', () => {
  const offer = (a: Disseminator, nowMs: number, name: string): Outcomes =>
    a.receive(nowMs, 'b', { kind: 'digest-request', digests: digests(name) })

  it('three requests in a row, over four seconds, of which nothing is served: no request for ten timeouts', () => {
    const a = node({ pull: false })
    for (const nowMs of [0, 3000, 6000]) {
      expect(sends(offer(a, nowMs, `at ${nowMs}`))).toHaveLength(1)
      a.tick(nowMs + 3000, () => [])
    }
    expect(dropped(offer(a, 9001, '4'))).toEqual({ distrusted: 1 })
    expect(
      sends(a.receive(9002, 'c', { kind: 'digest-request', digests: digests('4') }))
    ).toMatchObject([{ to: 'c' }])
    expect(sends(offer(a, 39_000, '5'))).toHaveLength(1)
  })

  it('one that is kept begins the count anew', () => {
    const a = node({ pull: false })
    for (let n = 0; n < 12; n++) {
      expect(sends(offer(a, 10 * n, `${n}`))).toHaveLength(1)
      a.receive(10 * n + 1, 'b', n % 3 === 2 ? contents(`${n}`) : contents())
    }
  })

  it('a content that was given up is welcome when it comes after all', () => {
    const a = node({ pull: false })
    offer(a, 0, 'x')
    expect(dropped(a.tick(3000, () => []))).toEqual({ 'not-served': 1 })
    expect(delivered(a.receive(50_000, 'b', contents('x')))).toEqual(['x'])
  })
})

describe('a validator', () => {
  function judging(...texts: string[]): Disseminator {
    const a = new Disseminator(
      { ...PRESETS.reference.dissemination, pull: false },
      blake3Digest,
      createRng(1),
      0,
      true
    )
    a.receive(0, 'b', { kind: 'digest-request', digests: digests(...texts) })
    return a
  }

  it('is asked before an update is stored, delivered or offered', () => {
    const a = judging('x')
    expect(a.receive(1, 'b', contents('x'))).toMatchObject([
      { kind: 'validate', from: 'b', update: { content: bytes('x') } }
    ])
    expect([a.gauges().activeUpdates, a.gauges().judgedUpdates]).toEqual([0, 1])
    expect(sends(a.receive(2, 'c', { kind: 'digest-request', digests: digests('x') }))).toEqual([])
    expect(delivered(a.validated(3, digests('x'), 'accept'))).toEqual(['x'])
    expect(a.status(3, digests('x'))).toBe('active')
    expect(a.validated(4, digests('x'), 'accept')).toEqual([])
  })

  it.each([
    ['ignore', []],
    ['reject', [{ kind: 'offence', peer: 'b', reason: 'rejected-update' }]]
  ] as const)('that says %s: not taken, not fetched again', (verdict, offences) => {
    const a = judging('x')
    a.receive(1, 'b', contents('x'))
    expect(a.validated(2, digests('x'), verdict)).toEqual([
      { kind: 'drop', reason: 'not-valid', count: 1, peer: 'b' },
      ...offences
    ])
    expect(a.status(2, digests('x'))).toBe('expired')
    expect(sends(a.receive(3, 'c', { kind: 'digest-request', digests: digests('x') }))).toEqual([])
  })

  it('that gives no verdict: not taken, and asked for again when offered again', () => {
    const a = judging('x')
    a.receive(1, 'b', contents('x'))
    expect(dropped(a.validated(2, digests('x'), undefined))).toEqual({ 'not-valid': 1 })
    expect(
      sends(a.receive(3, 'c', { kind: 'digest-request', digests: digests('x') }))
    ).toMatchObject([{ to: 'c' }])
  })

  it('bounds what it holds: what waits for it counts as awaited', () => {
    const a = judging('x', 'y')
    a.receive(1, 'b', contents('x', 'y'))
    a.room = 3
    expect(
      dropped(a.receive(2, 'c', { kind: 'digest-request', digests: digests('1', '2') }))
    ).toEqual({ 'handler-busy': 1 })
  })

  it('is not asked about what the application has submitted meanwhile', () => {
    const a = judging('x')
    a.receive(1, 'b', contents('x'))
    expect(a.submit(2, bytes('x')).status).toBe('accepted')
    expect(a.validated(3, digests('x'), 'accept')).toEqual([])
  })
})

describe('what is refused', () => {
  it('contents that nobody asked for, or that are not what was asked for', () => {
    const a = node()
    const offence = { kind: 'offence', peer: 'b', reason: 'unasked-content' }
    expect(a.receive(0, 'b', contents('x'))).toEqual([
      { kind: 'drop', reason: 'unasked', count: 1, peer: 'b' },
      offence
    ])
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })
    const outcomes = a.receive(1, 'b', contents('forged'))
    expect(delivered(outcomes)).toEqual([])
    expect(dropped(outcomes)).toEqual({ unasked: 1, 'not-served': 1 })
    expect(outcomes).toContainEqual(offence)
  })

  it('a content that another peer was quicker to bring, which is no offence', () => {
    const a = node()
    for (const peer of ['b', 'c'])
      a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
    a.tick(3000, () => [])
    a.receive(3001, 'c', contents('x'))
    expect(a.receive(3002, 'b', contents('x'))).toEqual([
      { kind: 'drop', reason: 'unasked', count: 1, peer: 'b' }
    ])
  })

  it('empty and oversized contents', () => {
    const a = node({ maxContentBytes: 3 })
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('', 'long', 'ok') })
    const outcomes = a.receive(1, 'b', contents('', 'long', 'ok'))
    expect(delivered(outcomes)).toEqual(['ok'])
    expect(dropped(outcomes)).toMatchObject({ 'invalid-content': 2 })
  })

  it('bad submissions, with nothing changed', () => {
    const a = node({ maxContentBytes: 3 })
    const code = (content: unknown): unknown => {
      try {
        a.submit(0, content as Uint8Array)
      } catch (error) {
        return (error as { code: string }).code
      }
    }
    expect([code(bytes('')), code('text'), code(null), code(bytes('1234'))]).toEqual([
      'INVALID_UPDATE',
      'INVALID_UPDATE',
      'INVALID_UPDATE',
      'UPDATE_TOO_LARGE'
    ])
    expect(a.gauges().activeUpdates).toBe(0)
    expect(a.submit(0, bytes('123')).status).toBe('accepted')
  })
})

describe('expiry', () => {
  it('crate flaw 22: a duration runs with no peers at all', () => {
    const a = node({ expiration: { mode: 'duration', ms: 500 } })
    a.submit(0, bytes('x'))
    expect([a.status(499, digests('x')), a.status(500, digests('x'))]).toEqual([
      'active',
      'expired'
    ])
  })

  it('crate flaw 23: a push counts when the network has taken it, and only then', () => {
    const a = node({ expiration: { mode: 'pushCount', count: 2 } })
    a.submit(0, bytes('x'))
    for (let nowMs = 1000; nowMs <= 10_000; nowMs += 1000) {
      for (const send of sends(a.tick(nowMs, () => ['b']))) a.sendFailed(nowMs, send.to)
    }
    expect(a.status(10_000, digests('x'))).toBe('active')
    const [first] = sends(a.tick(11_000, () => ['b']))
    a.sent(11_001, first!.message)
    expect(a.status(11_001, digests('x'))).toBe('active')
    const [second] = sends(a.tick(12_000, () => ['b']))
    a.sent(12_001, second!.message)
    expect(a.status(12_001, digests('x'))).toBe('expired')
  })

  it('crate flaw 22: in pull-only mode the answers count as pushes', () => {
    const a = node({ push: false, expiration: { mode: 'pushCount', count: 1 } })
    a.submit(0, bytes('x'))
    const [answer] = sends(a.receive(1, 'b', { kind: 'digest-request', digests: digests() }))
    a.sent(2, answer!.message)
    expect(a.status(2, digests('x'))).toBe('expired')
  })

  it('an update that expired by being pushed is still handed to whom it was offered', () => {
    const a = node({ expiration: { mode: 'pushCount', count: 1 } })
    a.submit(0, bytes('x'))
    a.sent(1, sends(a.tick(1000, () => ['b']))[0]!.message)
    expect(a.status(1001, digests('x'))).toBe('expired')
    expect(
      sends(a.receive(1500, 'b', { kind: 'content-request', digests: digests('x') }))[0]!.message
    ).toEqual(contents('x'))
    expect(
      sends(a.receive(9000, 'b', { kind: 'content-request', digests: digests('x') }))[0]!.message
    ).toEqual(contents())
  })

  it('what is remembered as expired is neither asked for nor submitted again', () => {
    const a = node({ expiration: { mode: 'duration', ms: 10 } })
    a.submit(0, bytes('x'))
    const outcomes = sends(a.receive(20, 'b', { kind: 'digest-request', digests: digests('x') }))
    expect(outcomes.map(({ message }) => message.kind)).toEqual(['digest-response'])
    expect(a.submit(21, bytes('x')).status).toBe('expired')
  })

  it('crate flaw 26: submitting what is active changes nothing, and says so', () => {
    const a = node()
    expect(a.submit(0, bytes('x'))).toEqual({ digest: digestOf(bytes('x')), status: 'accepted' })
    expect(a.submit(1, bytes('x')).status).toBe('active')
    expect(a.gauges().activeUpdates).toBe(1)
  })

  it('submitting what is on its way to us fetches it no more', () => {
    const a = node()
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })
    a.submit(1, bytes('x'))
    expect(a.gauges().pendingRequests).toBe(0)
    expect(delivered(a.receive(2, 'b', contents('x')))).toEqual([])
  })
})

it('keeps a copy of what is submitted', () => {
  const a = node()
  const content = bytes('x')
  a.submit(0, content)
  content[0] = 0
  expect(
    sends(a.receive(1, 'b', { kind: 'content-request', digests: digests('x') }))[0]!.message
  ).toEqual(contents('x'))
})
