/** What a round names, and how an exchange goes from there. */

import { describe, expect, it } from 'vitest'
import { countDigests, digestKey } from '../../../src/model/update.ts'
import { bytes, contents, delivered, digests, dropped, node, sends } from './node.ts'

describe('a round', () => {
  it('names active updates to one peer, as the crate does', () => {
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
    a.receive(1, 'c', { kind: 'ihave', digests: digests('x') })
    a.tick(1000, () => ['b'])
    a.receive(1001, 'b', { kind: 'digest-response', digests: digests('y') })
    expect(sends(a.tick(2100, () => ['b']))[0]!.message).toEqual({
      kind: 'digest-request',
      digests: digests('x', 'y')
    })
  })

  it('goes to as many peers as the fanout', () => {
    expect(
      sends(node({ fanout: 3 }).tick(1000, (count) => ['b', 'c', 'd', 'e'].slice(0, count)))
    ).toHaveLength(3)
  })

  it('does nothing when early, and runs once when late', () => {
    const a = node()
    expect(a.tick(a.dueMs - 0.001, () => ['b'])).toEqual([])
    expect(a.tick(99_000, () => ['b'])).toHaveLength(1)
    expect(a.tick(99_999, () => ['b'])).toEqual([])
  })

  it('with push only sends nothing when there is nothing; with pull only names nothing', () => {
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
  it('requests what is new, and answers with what the request did not name', () => {
    const a = node()
    a.submit(0, bytes('both'))
    a.submit(0, bytes('mine'))
    const effects = sends(
      a.receive(1, 'b', { kind: 'digest-request', digests: digests('both', 'theirs') })
    )
    expect(effects.map(({ message }) => message)).toEqual([
      { kind: 'content-request', digests: digests('theirs') },
      { kind: 'digest-response', digests: digests('mine') }
    ])
  })

  it('brings contents once, in the order asked', () => {
    const a = node()
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x', 'y') })
    const effects = a.receive(1, 'b', contents('x', 'y'))
    expect(delivered(effects)).toEqual(['x', 'y'])
    expect(delivered(a.receive(2, 'b', contents('x')))).toEqual([])
    expect(a.status(3, digests('x'))).toBe('active')
  })

  it('serves what is requested, in that order, and answers when there is nothing', () => {
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
      serves: ['y', 'x'].map((each) => digestKey(digests(each), 0))
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
      unsolicited: 1
    })
    a.tick(1000, () => ['b'])
    expect(
      sends(a.receive(1001, 'b', { kind: 'digest-response', digests: digests('x') }))
    ).toHaveLength(1)
    expect(
      dropped(a.receive(1002, 'b', { kind: 'digest-response', digests: digests('y') }))
    ).toEqual({ unsolicited: 1 })
  })
})
