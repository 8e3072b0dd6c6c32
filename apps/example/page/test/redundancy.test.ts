import { describe, expect, it } from 'vitest'
import { redundancyOf } from '../src/redundancy.ts'
import { nodeOf, stateOf } from './state.ts'

describe('redundancyOf', () => {
  it('is how many copies arrived for each delivery at those that are up', () => {
    const nodes = [
      nodeOf({ copies: 10, delivered: 10 }),
      nodeOf({ copies: 5, delivered: 4 }),
      nodeOf({ status: 'down', copies: 9 })
    ]
    expect(redundancyOf(stateOf([], { nodes }))).toBe(15 / 14)
  })

  it('is not known where nothing was delivered', () => {
    expect(redundancyOf(stateOf([[], undefined]))).toBeUndefined()
  })
})
