import { describe, expect, it } from 'vitest'
import type { ActiveSketch } from '../../src/anti-entropy/active-sketch.ts'
import { symbolsFor } from '../../src/anti-entropy/iblt/coded-symbols.ts'
import { SketchPolicy } from '../../src/anti-entropy/sketch-policy.ts'
import { FIELDS } from '../../src/model/message.ts'

const policyOf = (count: number, maxSymbols = 4096): SketchPolicy =>
  new SketchPolicy({ count, ids: { bytes: 8 } } as ActiveSketch, maxSymbols)

describe('a comparison by sketches', () => {
  it('is worth it only where a list is longer than fingerprints and symbols', () => {
    expect(policyOf(2).prefersList()).toBe(true)
    expect(policyOf(1000).prefersList()).toBe(false)
    expect(policyOf(1000, 5).prefersList()).toBe(true)
  })

  it('is tried again after lists, although much differed before', () => {
    const policy = policyOf(60)
    policy.found(200)
    const lists = Array.from({ length: 5 }, () => policy.prefersList())
    expect(lists).toContain(true)
    expect(lists.at(-1)).toBe(false)
  })

  it('begins with as many symbols as the last one that found differences needed', () => {
    const policy = policyOf(1000)
    expect(policy.firstSymbols()).toBe(symbolsFor(4))
    policy.found(100)
    policy.foundEqual()
    expect(policy.firstSymbols()).toBe(symbolsFor(100))
  })

  it('ends in a list where that is shorter, but not twice in a row with one peer', () => {
    const policy = policyOf(10)
    expect(policy.endsInList('a', 9, 0)).toBe(true)
    expect(policy.endsInList('a', 9, 0)).toBe(false)
    expect(policy.endsInList('a', 9, 0)).toBe(true)
    expect(policy.endsInList('b', 9, 0)).toBe(true)
    expect(policy.endsInList('b', 1, 0)).toBe(false)
    expect(policy.endsInList('c', 9, 1)).toBe(false)
  })

  it('ends in a list where the counts are far apart, whatever came before', () => {
    expect(policyOf(1e6).endsInList('a', 2000, 3)).toBe(false)
    expect(policyOf(1e6).endsInList('a', 2001, 3)).toBe(true)
  })
})

describe('more symbols', () => {
  it('are a quarter of those that did not decode, then half of them, and six at least', () => {
    expect(policyOf(1000).moreSymbols(400, 0, 0)).toBe(100)
    expect(policyOf(1000).moreSymbols(400, 0, 1)).toBe(200)
    expect(policyOf(1000).moreSymbols(8, 0, 0)).toBe(6)
  })

  it('are as many as the counts are apart', () => {
    expect(policyOf(1000).moreSymbols(40, 500, 0)).toBe(symbolsFor(500) - 40)
  })

  it('are as many again, or as many as differed last, where one message held too few', () => {
    expect(policyOf(1000, 100).moreSymbols(100, 0, 0)).toBe(100)
    const policy = policyOf(1000, 100)
    policy.found(500)
    expect(policy.moreSymbols(99, 0, 0)).toBe(24)
    expect(policy.moreSymbols(100, 0, 0)).toBe(symbolsFor(500) - 100)
  })

  it('end where a sketch ends', () => {
    expect(policyOf(1000).moreSymbols(FIELDS.first.most - 2, 9000, 0)).toBe(2)
  })
})
