import { describe, expect, it } from 'vitest'
import { HardenedTargets } from '../../src/membership/hardened-targets.ts'
import { createRng } from '../../src/model/random.ts'
import { PRESETS } from '../../src/options/presets.ts'

const targets = (): HardenedTargets =>
  new HardenedTargets('self', PRESETS.lan.membership, createRng(1))

const counts = (chosen: readonly (string | undefined)[]): Record<string, number> =>
  chosen.reduce<Record<string, number>>(
    (sum, peer) => ({ ...sum, [String(peer)]: (sum[String(peer)] ?? 0) + 1 }),
    {}
  )

describe('anchors', () => {
  it('are the first two contacts of the peer source that answered', () => {
    const node = targets()
    node.named(['a', 'b', 'c'])
    for (const peer of ['stranger', 'a', 'a', 'b', 'c']) node.anchor(peer)
    expect(node.addresses()).toEqual(['a', 'b'])
    expect([node.mayAnchor('c'), node.mayAnchor('a')]).toEqual([false, false])
  })

  it('are every tenth target and every tenth partner, in turn', () => {
    const node = targets()
    node.named(['a', 'b'])
    for (const peer of ['a', 'b']) node.anchor(peer)
    const hundred = Array.from({ length: 100 }, () => node.target([]))
    expect(counts(hundred)).toEqual({ a: 5, b: 5, undefined: 90 })
    const partners = Array.from({ length: 100 }, () => node.partner(() => true))
    expect(counts(partners)).toEqual({ a: 5, b: 5, undefined: 90 })
    expect(counts(Array.from({ length: 100 }, () => node.target(['a', 'b'])))).toEqual({
      undefined: 100
    })
  })

  it('become contacts again when they cannot be reached or are forgotten', () => {
    const node = targets()
    node.named(['a', 'b', 'c'])
    for (const peer of ['a', 'b']) node.anchor(peer)
    node.named([])
    expect([node.unreachable('a'), node.unreachable('stranger')]).toEqual([true, false])
    expect([node.mayAnchor('a'), node.mayAnchor('c')]).toEqual([true, false])
    node.forget('b')
    expect(node.addresses()).toEqual([])
    expect(node.mayAnchor('b')).toBe(true)
  })
})

describe('the sample', () => {
  it('takes senders and the entries of their views, without this node, and names who answered', () => {
    const node = targets()
    node.considerView('from', [
      { address: 'entry', age: 1 },
      { address: 'self', age: 0 }
    ])
    const probed = new Set<string | undefined>()
    for (let n = 0; n < 20; n++) {
      const probe = node.nextProbe(() => true)
      probed.add(probe)
      if (probe !== undefined) node.answered(probe)
      node.considerView('from', [{ address: 'entry', age: 1 }])
    }
    expect([...probed].toSorted()).toEqual(['entry', 'from'])
    expect(new Set(node.addresses())).toEqual(new Set(['entry', 'from']))
    expect(node.neighbor(['from'])).toBe('entry')
    expect(node.target(['from', 'entry'])).toBeUndefined()
  })

  it('probes nobody that may not be asked, and drops a partner that may not', () => {
    const refusing = targets()
    refusing.considerView('a', [])
    expect(refusing.nextProbe(() => false)).toBeUndefined()
    const node = targets()
    for (let n = 0; n < 20; n++) {
      node.considerView('a', [])
      if (node.nextProbe(() => true) !== undefined) node.answered('a')
    }
    expect(new Set(node.addresses())).toEqual(new Set(['a']))
    for (let n = 0; n < 40; n++) expect(node.partner(() => false)).toBeUndefined()
    expect(node.addresses()).toEqual([])
  })
})
