import { describe, expect, it } from 'vitest'
import { redundancyBetween, redundancyOf } from '../src/redundancy.ts'
import { nodeOf, stateOf } from './state.ts'

const before = stateOf([], { nodes: [nodeOf({ copies: 10, delivered: 10 }), nodeOf({ copies: 5, delivered: 4 })] })

describe('redundancy', () => {
  it('is how many copies arrived for each delivery', () => {
    const after = stateOf([], { nodes: [nodeOf({ copies: 13, delivered: 12 }), nodeOf({ copies: 5, delivered: 4 })] })
    expect(redundancyBetween(before, after)).toBe(1.5)
    expect(redundancyOf(before)).toBe(15 / 14)
  })

  it('is not known where nothing was delivered, or the run is another', () => {
    expect(redundancyBetween(before, before)).toBeUndefined()
    expect(redundancyBetween(before, { ...before, run: 2 })).toBeUndefined()
    expect(redundancyBetween(undefined, before)).toBeUndefined()
    expect(redundancyOf(stateOf([[], undefined]))).toBeUndefined()
  })

  it('leaves out a node that began anew', () => {
    const after = stateOf([], { nodes: [nodeOf({ copies: 12, delivered: 12 }), nodeOf({ life: 1, copies: 1, delivered: 1 })] })
    expect(redundancyBetween(before, after)).toBe(1)
  })
})
