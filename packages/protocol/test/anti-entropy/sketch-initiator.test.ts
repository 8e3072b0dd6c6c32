import { describe, expect, it } from 'vitest'
import type { MessageOf } from '../../src/model/message.ts'
import type { Expiration } from '../../src/store/config.ts'
import { bytesOf, differing, kinds, Pair, texts, type Sent } from './pair.ts'

const QUIET = ['sketch-request', 'sketch-response']

describe('a round between nodes with the same updates', () => {
  it.each([100, 1000, 10_000])('costs at most 40 bytes each way with %i updates', (count) => {
    const pair = differing(count, 0)
    for (const side of ['a', 'b', 'a'] as const) {
      const sent = pair.round(side)
      expect(kinds(sent)).toEqual(QUIET)
      for (const { bytes } of sent) expect(bytes).toBeLessThanOrEqual(40)
    }
  })

  it('uses a list when that is shorter', () => {
    expect(kinds(differing(3, 0).round('a'))).toEqual(['digest-request', 'digest-response'])
    expect(kinds(differing(20, 0).round('a'))).toEqual(QUIET)
  })

  it('uses a list when the options say so', () => {
    expect(kinds(differing(100, 0, { reconciliation: 'list' }).round('a'))).toEqual([
      'digest-request',
      'digest-response'
    ])
  })
})

describe('a round between nodes that differ', () => {
  it.each([1, 2, 10, 100, 1000])(
    'in %i of thousands of updates brings both what they lack, at a cost that depends on the difference',
    (differences) => {
      const pair = differing(2000, differences)
      const sent: Sent[] = []
      while (pair.delivered.a.length + pair.delivered.b.length < differences) {
        sent.push(...pair.round('a'))
        expect(sent.length).toBeLessThan(200)
      }
      expect(bytesOf(sent, 'digest-request')).toBe(0)
      expect(bytesOf(sent, 'sketch-request', 'sketch-response')).toBeLessThan(
        200 + 38 * differences
      )
      expect(bytesOf(sent, 'difference-request', 'digest-response')).toBeLessThan(
        20 + 40 * differences
      )
      expect(kinds(pair.round('b'))).toEqual(QUIET)
      expect(new Set(pair.delivered.a)).toEqual(new Set(texts(Math.floor(differences / 2), 'of b')))
      expect(new Set(pair.delivered.b)).toEqual(new Set(texts(Math.ceil(differences / 2), 'of a')))
    }
  )

  it('requests about as many symbols as the last exchange took', () => {
    const pair = differing(1000, 0)
    const turns: number[] = []
    for (let round = 0; round < 8; round++) {
      pair.submit('a', ...texts(30, `${round} of a`))
      pair.submit('b', ...texts(30, `${round} of b`))
      turns.push(kinds(pair.round('a')).filter((kind) => kind === 'sketch-request').length)
    }
    expect(turns[0]).toBeGreaterThan(2)
    expect(turns.slice(3).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(8)
  })

  it.each([
    ['short ids of 16 bytes', { shortIdBytes: 16 as const }, {}],
    [
      'messages that hold a few symbols only',
      { maxDigestsPerMessage: 20 },
      { maxDigestsPerMessage: 20 }
    ],
    ['another node that goes by lists', {}, { reconciliation: 'list' as const }]
  ])('works with %s', (_name, a, b) => {
    const pair = differing(300, 80, a, { ...a, ...b })
    const sent = Array.from({ length: 8 }, () => pair.round('a')).flat()
    expect([pair.active('a'), pair.active('b')]).toEqual([380, 380])
    expect(kinds(sent)).not.toContain('digest-request')
  })

  it('uses a list at once when the counts differ by thousands', () => {
    const pair = new Pair()
    pair.submit('a', ...texts(2500))
    pair.submit('b', ...texts(20, 'of b'))
    expect(kinds(pair.round('a')).slice(0, 3)).toEqual([...QUIET, 'digest-request'])
  })

  it('uses a list when the counts show that symbols would cost more', () => {
    const pair = new Pair()
    pair.submit('both', ...texts(100))
    pair.submit('b', ...texts(100, 'of b'))
    expect(kinds(pair.round('a')).slice(0, 3)).toEqual([...QUIET, 'digest-request'])
    expect(pair.active('a')).toBe(200)
  })

  it('uses lists when all symbols do not decode, and tries sketches less and less often', () => {
    const pair = differing(10, 9000, { maxRequests: 1 })
    const first = Array.from({ length: 60 }, () => {
      const sent = kinds(pair.round('a'))
      expect(sent).toContain('digest-request')
      return sent[0] === 'digest-request' ? '.' : '!'
    })
    expect(first.join('')).toBe(
      `!.!..!....!........!................!${'.'.repeat(16)}!${'.'.repeat(6)}`
    )
    // What decodes again is trusted again.
    const other = differing(100, 30)
    other.fault = ({ kind, message }) =>
      kind === 'sketch-response'
        ? { ...(message as MessageOf<'sketch-response'>), symbols: new Uint8Array(20) }
        : message
    expect(kinds(other.round('a'))).toContain('digest-request')
    other.fault = ({ message }) => message
    expect(kinds(other.round('a'))[0]).toBe('digest-request')
    expect(kinds(other.round('a'))).toEqual(QUIET)
  })

  it("finds the difference by symbols of one set when the peer's set changes meanwhile", () => {
    const pair = differing(500, 300)
    let requests = 0
    pair.fault = ({ kind, message }) => {
      if (kind === 'sketch-request' && ++requests === 3) pair.submit('b', 'a change')
      return message
    }
    const sent = pair.round('a')
    expect(kinds(sent)).toContain('difference-request')
    expect(kinds(sent)).not.toContain('digest-request')
    expect([pair.active('a'), pair.active('b')]).toEqual([801, 801])
  })

  it("uses a list when the peer's set keeps changing", () => {
    const pair = differing(500, 300)
    let requests = 0
    pair.fault = ({ kind, message }) => {
      if (kind === 'sketch-request') pair.submit('b', `change ${requests++}`)
      return message
    }
    expect(kinds(pair.round('a'))).toContain('digest-request')
    expect(requests).toBeLessThan(8)
  })

  it('uses a list when symbols show no difference, because two digests may have one short id', () => {
    const pair = differing(100, 0)
    pair.fault = ({ kind, message }) =>
      kind.startsWith('sketch')
        ? ({ ...message, fingerprint: new Uint8Array(16).fill(kind.length) } as typeof message)
        : message
    expect(kinds(pair.round('a')).slice(0, 3)).toEqual([...QUIET, 'digest-request'])
  })

  it('includes what had expired, was forgotten, and was accepted again', () => {
    const pair = new Pair({ expiration: { mode: 'duration', ms: 5000 }, maxSeenDigests: 1 })
    pair.submit('both', ...texts(30, 'known'))
    pair.submit('a', ...texts(30))
    pair.fault = ({ kind, message }) => (kind === 'difference-request' ? undefined : message)
    expect(kinds(pair.round('a'))).toContain('difference-request')
    pair.nowMs = 5100
    pair.submit('both', ...texts(30, 'others'))
    pair.submit('a', ...texts(29))
    pair.nowMs = 8500
    pair.fault = ({ message }) => message
    pair.round('a')
    expect(pair.delivered.b).toHaveLength(29)
  })
})

describe('updates that are expired on one node and active on the other', () => {
  const lasting: Expiration = { mode: 'none' }
  const short: Expiration = { mode: 'duration', ms: 20_000 }

  it.each([
    ['a', 'just now', 21_000],
    ['b', 'just now', 21_000],
    ['a', 'long ago', 30_000],
    ['b', 'long ago', 30_000]
  ] as const)('are no difference forever (%s forgot them, %s)', (forgetful, _when, afterMs) => {
    const pair = new Pair(
      { expiration: forgetful === 'a' ? short : lasting },
      { expiration: forgetful === 'b' ? short : lasting }
    )
    pair.submit('both', ...texts(150, 'old'))
    pair.nowMs += afterMs
    pair.submit('both', ...texts(50, 'new'))
    expect([pair.active('a'), pair.active('b')].toSorted((x, y) => x - y)).toEqual([50, 200])
    pair.rounds(6)
    // A lasting difference is named once, not again.
    expect(kinds(pair.rounds(2))).toEqual([...QUIET, ...QUIET])
    expect(pair.delivered).toEqual({ a: [], b: [] })
    // And what changes beside it is found.
    pair.submit('a', 'of a')
    pair.submit('b', 'of b')
    pair.rounds(2)
    expect(pair.delivered).toEqual({ a: ['of b'], b: ['of a'] })
  })

  it('are no difference once they have expired on both', () => {
    const pair = new Pair({ expiration: short }, { expiration: { mode: 'duration', ms: 25_000 } })
    pair.submit('both', ...texts(150, 'old'))
    pair.nowMs += 21_000
    pair.submit('both', ...texts(50, 'new'))
    pair.rounds(4)
    pair.nowMs += 4000
    expect(pair.active('b')).toBe(50)
    pair.rounds(8)
    expect(kinds(pair.rounds(2))).toEqual([...QUIET, ...QUIET])
  })

  it.each<[string, Expiration]>([
    ['none', lasting],
    ['duration', short],
    ['mostRecent', { mode: 'mostRecent', count: 100, margin: 0.5 }]
  ])('%s: each is delivered once, and rounds grow quiet', (_mode, expiration) => {
    const pair = new Pair({ expiration })
    for (let step = 0; step < 40; step++) {
      pair.submit('a', ...texts(3, `${step} of a`))
      pair.submit('b', ...texts(2, `${step} of b`))
      pair.rounds(2)
    }
    expect([new Set(pair.delivered.a).size, new Set(pair.delivered.b).size]).toEqual([80, 120])
    expect([pair.delivered.a.length, pair.delivered.b.length]).toEqual([80, 120])
    pair.nowMs += 30_000
    pair.submit('both', ...texts(50, 'new'))
    pair.rounds(4)
    expect(kinds(pair.rounds(2))).toEqual([...QUIET, ...QUIET])
  })

  it('pushCount: rounds use lists, because it counts digests sent', () => {
    const pair = differing(100, 10, { expiration: { mode: 'pushCount', count: 6 } })
    const sent = pair.rounds(20)
    expect(kinds(sent).filter((kind) => kind === 'sketch-request')).toEqual([])
    expect([pair.active('a'), pair.active('b')]).toEqual([0, 0])
    expect([pair.delivered.a.length, pair.delivered.b.length]).toEqual([5, 5])
  })
})

describe('a peer that answers', () => {
  it('not at all is sent a list at intervals, because it may not support sketches', () => {
    const pair = differing(100, 10)
    pair.fault = ({ kind, message }) => (kind === 'sketch-request' ? undefined : message)
    const first = Array.from({ length: 12 }, () => {
      pair.nowMs += 4000
      return kinds(pair.round('a'))[0]
    })
    expect(first.filter((kind) => kind === 'digest-request')).toHaveLength(3)
    expect([pair.active('a'), pair.active('b')]).toEqual([110, 110])
  })

  it('late is waited for as long as answers take', () => {
    const pair = differing(100, 10)
    pair.fault = () => undefined
    expect(kinds(pair.round('a'))).toEqual(['sketch-request'])
    expect(kinds(pair.round('a'))).toEqual([])
  })

  it.each<
    [string, number, (response: MessageOf<'sketch-response'>) => MessageOf<'sketch-response'>]
  >([
    [
      'with noise',
      25,
      (response) => ({
        ...response,
        symbols: response.symbols.map((byte, index) => byte ^ (index * 37 + 1))
      })
    ],
    [
      'with one symbol at a time',
      25,
      (response) => ({ ...response, symbols: response.symbols.slice(0, 12) })
    ],
    [
      'with symbols of another size',
      1,
      (response) => ({ ...response, symbols: new Uint8Array(20) })
    ],
    [
      'with more symbols than were requested',
      1,
      (response) => ({ ...response, symbols: new Uint8Array(12 * 4096).fill(1) })
    ],
    [
      'with no symbols, though it differs',
      1,
      (response) => ({ ...response, symbols: new Uint8Array(0), fingerprint: new Uint8Array(16) })
    ]
  ])('%s is sent a list, after %i requests at most', (_what, most, corrupt) => {
    const pair = differing(200, 60)
    pair.fault = ({ from, kind, message }) =>
      kind === 'sketch-response' && from === 'b'
        ? corrupt(message as MessageOf<'sketch-response'>)
        : message
    const sent = pair.round('a')
    expect(kinds(sent)).toContain('digest-request')
    expect(kinds(sent).filter((kind) => kind === 'sketch-request').length).toBeLessThanOrEqual(most)
    expect([pair.active('a'), pair.active('b')]).toEqual([260, 260])
    expect(kinds(pair.round('a'))[0]).toBe('digest-request')
  })

  it('without a request, twice, or with other symbols than requested is not read', () => {
    const pair = differing(200, 10)
    const response: MessageOf<'sketch-response'> = {
      kind: 'sketch-response',
      fingerprint: new Uint8Array(16),
      updates: 200,
      first: 0,
      symbols: new Uint8Array(24)
    }
    expect(pair.receive('a', response)).toEqual([])
    pair.fault = ({ kind, message }) =>
      kind === 'sketch-response'
        ? { ...(message as MessageOf<'sketch-response'>), first: 5 }
        : message
    expect(kinds(pair.round('a'))).toEqual(QUIET)
  })

  it('never sends more symbols than there are', () => {
    const pair = differing(200, 0)
    const nothing = new Uint8Array(16)
    const symbols = (first: number, count: number): number =>
      bytesOf(
        pair.receive('b', {
          kind: 'sketch-request',
          fingerprint: nothing,
          first,
          count
        }),
        'sketch-response'
      )
    expect(symbols(0, 4096)).toBeLessThan(12 * 4096 + 40)
    expect(symbols(4096, 4096)).toBeLessThan(40)
    expect(symbols(4090, 4096)).toBeLessThan(12 * 6 + 40)
    const sent = pair.receive('b', {
      kind: 'difference-request',
      digests: new Uint8Array(0),
      ids: new Uint8Array(8 * 1000)
    })
    // An empty answer: the peer learns that its request has arrived.
    expect(kinds(sent)).toEqual(['digest-response'])
    expect(bytesOf(sent, 'digest-response')).toBeLessThan(8)
  })
})
