/** What a validator keeps out, and what its failures come to. */

import { describe, expect, it } from 'vitest'
import { digestOf, type Update, type Validator, type Verdict } from '../../src/index.ts'
import { bytes, group, startAll } from './memory-group.ts'

describe('the validator', () => {
  const judge = (text: string): Verdict =>
    text === 'bad' ? 'reject' : text === 'old' ? 'ignore' : 'accept'
  const textOf = ({ content }: Update): string => new TextDecoder().decode(content)

  it.each<[string, Validator]>([
    ['at once', (update) => judge(textOf(update))],
    ['later', async (update) => judge(textOf(update))]
  ])('keeps out what it does not accept, and nobody passes it on, %s', async (_name, validate) => {
    const { clock, node } = group()
    const [a, b, c] = [
      node('a', []),
      node('b', ['a'], { validate }),
      node('c', ['b'], { validate, authorize: (peer) => peer !== 'a' })
    ]
    await startAll([a, b, c])
    await clock.advance(1000)
    for (const text of ['good', 'bad', 'old', 'fine']) a.gossip.submit(bytes(text))
    await clock.advance(10_000)
    expect([b.updates.toSorted(), c.updates.toSorted()]).toEqual([
      ['fine', 'good'],
      ['fine', 'good']
    ])
    expect(b.gossip.stats()).toMatchObject({ violations: 1, pendingValidations: 0, bannedPeers: 0 })
    expect(b.gossip.stats().dropped).toMatchObject({
      'validator-ignored': 1,
      'validator-rejected': 1
    })
    expect(b.gossip.status(digestOf(bytes('bad')))).toBe('expired')
  })

  it('that throws, hangs or returns an invalid verdict is reported, and called again later', async () => {
    const { clock, node } = group()
    const tries = new Map<string, number>()
    const validate = (update: Update): Verdict | Promise<Verdict> => {
      const text = textOf(update)
      const before = tries.get(text) ?? 0
      tries.set(text, before + 1)
      if (before > 0) return 'accept'
      if (text === 'throws') throw new Error('oops')
      if (text === 'hangs') return new Promise(() => {})
      return text as Verdict
    }
    const [a, b] = [node('a', []), node('b', ['a'], { validate, validation: { timeoutMs: 1000 } })]
    await startAll([a, b])
    await clock.advance(1000)
    for (const text of ['throws', 'hangs', 'nonsense']) a.gossip.submit(bytes(text))
    await clock.advance(10_000)
    expect(b.updates.toSorted()).toEqual(['hangs', 'nonsense', 'throws'])
    expect(b.codes()).toEqual(['VALIDATE_FAILED', 'VALIDATE_FAILED', 'VALIDATE_FAILED'])
  })

  it('is called for no more at once than the limit', async () => {
    const { clock, node } = group()
    let [now, most] = [0, 0]
    const validate = async (): Promise<Verdict> => {
      most = Math.max(most, ++now)
      await new Promise<void>((resolve) => clock.wakeAt(clock.now() + 10, resolve))
      now--
      return 'accept'
    }
    const [a, b] = [node('a', []), node('b', ['a'], { validate, validation: { maxConcurrent: 3 } })]
    await startAll([a, b])
    await clock.advance(1000)
    for (let n = 0; n < 40; n++) a.gossip.submit(new Uint8Array([n]))
    await clock.advance(5000)
    expect([most, b.updates.length]).toEqual([3, 40])
  })
})
