/** What is taken of what peers and the application hand over, with a validator and without. */

import { describe, expect, it } from 'vitest'
import { disseminationOf } from '../../anti-entropy/preset.ts'
import { UpdateNode } from '../update-node.ts'
import { bytes, contents, delivered, digests, dropped, node, sends } from './node.ts'

describe('a validator', () => {
  function judging(...texts: string[]): UpdateNode {
    const a = new UpdateNode({ ...disseminationOf('reference'), pull: false }, { validates: true })
    a.receive(0, 'b', { kind: 'digest-request', digests: digests(...texts) })
    return a
  }

  it('is called before an update is stored, delivered or offered', () => {
    const a = judging('x')
    expect(a.receive(1, 'b', contents('x'))).toMatchObject([
      { kind: 'validate', from: 'b', update: { content: bytes('x') } }
    ])
    expect([a.gauges().activeUpdates, a.gauges().pendingValidations]).toEqual([0, 1])
    expect(sends(a.receive(2, 'c', { kind: 'digest-request', digests: digests('x') }))).toEqual([])
    expect(delivered(a.validated(3, digests('x'), 'accept'))).toEqual(['x'])
    expect(a.status(3, digests('x'))).toBe('active')
    expect(a.validated(4, digests('x'), 'accept')).toEqual([])
  })

  it.each([
    ['ignore', 'validator-ignored', []],
    ['reject', 'validator-rejected', [{ kind: 'violation', peer: 'b', reason: 'rejected-update' }]]
  ] as const)('that says %s: not taken, not fetched again', (verdict, reason, violations) => {
    const a = judging('x')
    a.receive(1, 'b', contents('x'))
    expect(a.validated(2, digests('x'), verdict)).toEqual([
      { kind: 'dropped', reason, count: 1, peer: 'b' },
      ...violations
    ])
    expect(a.status(2, digests('x'))).toBe('expired')
    expect(sends(a.receive(3, 'c', { kind: 'digest-request', digests: digests('x') }))).toEqual([])
  })

  it.each([undefined, 'later'] as const)(
    'that returns %s: not accepted, and requested again when offered again after a while',
    (verdict) => {
      const a = judging('x')
      const offer = { kind: 'digest-request', digests: digests('x') } as const
      a.receive(1, 'b', contents('x'))
      expect(dropped(a.validated(2, digests('x'), verdict))).toEqual({ postponed: 1 })
      expect(a.gauges().postponedUpdates).toBe(1)
      expect(sends(a.receive(3, 'c', offer))).toEqual([])
      expect(sends(a.receive(1100, 'c', offer))).toMatchObject([{ to: 'c' }])
      a.receive(1101, 'c', contents('x'))
      expect(a.validated(1102, digests('x'), 'accept')).toMatchObject([{ kind: 'deliver' }])
      expect(a.gauges().postponedUpdates).toBe(0)
    }
  )

  it('waiting updates count as pending', () => {
    const a = judging('x', 'y')
    a.receive(1, 'b', contents('x', 'y'))
    a.capacity = 3
    expect(
      dropped(a.receive(2, 'c', { kind: 'digest-request', digests: digests('1', '2') }))
    ).toEqual({ 'handler-queue-full': 1 })
  })

  it('waiting updates and requested ones are bounded together', () => {
    const config = { ...disseminationOf('reference'), pull: false, maxRequests: 4 }
    const a = new UpdateNode(config, { validates: true })
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y') })
    a.receive(1, 'b', contents('x', 'y'))
    const effects = a.receive(2, 'b', { kind: 'digest-request', digests: digests('1', '2', '3') })
    expect(dropped(effects)).toEqual({ 'request-limit': 1 })
    expect([a.gauges().pendingValidations, a.gauges().pendingRequests]).toEqual([2, 2])
  })

  it('has no effect on what the application has submitted meanwhile', () => {
    const a = judging('x')
    a.receive(1, 'b', contents('x'))
    expect(a.submit(2, bytes('x')).status).toBe('accepted')
    expect(a.validated(3, digests('x'), 'accept')).toEqual([])
  })
})

describe('what is refused', () => {
  it('contents that were not requested, or that are not what was requested', () => {
    const a = node()
    const violation = { kind: 'violation', peer: 'b', reason: 'unsolicited-content' }
    expect(a.receive(0, 'b', contents('x'))).toEqual([
      { kind: 'dropped', reason: 'unsolicited', count: 1, peer: 'b' },
      violation
    ])
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })
    const effects = a.receive(1, 'b', contents('forged'))
    expect(delivered(effects)).toEqual([])
    expect(dropped(effects)).toEqual({ unsolicited: 1, 'not-delivered': 1 })
    expect(effects).toContainEqual(violation)
  })

  it('a content that another peer sent first, which is no violation', () => {
    const a = node()
    for (const peer of ['b', 'c'])
      a.receive(0, peer, { kind: 'digest-request', digests: digests('x') })
    a.tick(3000, () => [])
    a.receive(3001, 'c', contents('x'))
    expect(a.receive(3002, 'b', contents('x'))).toEqual([
      { kind: 'dropped', reason: 'unsolicited', count: 1, peer: 'b' }
    ])
  })

  it('empty and oversized contents', () => {
    const a = node({ maxContentBytes: 3 })
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('', 'long', 'ok') })
    const effects = a.receive(1, 'b', contents('', 'long', 'ok'))
    expect(delivered(effects)).toEqual(['ok'])
    expect(dropped(effects)).toEqual({ 'malformed-content': 1, 'content-too-large': 1, lost: 1 })
  })

  it('invalid submissions, with nothing changed', () => {
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

it('keeps a copy of a submitted content', () => {
  const a = node()
  const content = bytes('x')
  a.submit(0, content)
  content[0] = 0
  expect(
    sends(a.receive(1, 'b', { kind: 'content-request', digests: digests('x') }))[0]!.message
  ).toEqual(contents('x'))
})
