import { describe, expect, it } from 'vitest'
import { Tally } from '../../src/demo/tally.ts'

const plan = [
  { origin: 0, content: 'a' },
  { origin: 1, content: 'b' }
]

describe('Tally', () => {
  it('expects every update at every node but its origin', () => {
    const tally = new Tally(3, plan)
    expect(tally.expected).toBe(4)
    expect(tally.summary()).toMatchObject({
      delivered: 0,
      lost: 4,
      duplicates: 0,
      p50Ms: null,
      p99Ms: null
    })
  })

  it('is complete when all have arrived', () => {
    const tally = new Tally(3, plan)
    tally.submit('a', 100)
    tally.submit('b', 100)
    for (const [node, content] of [
      [1, 'a'],
      [2, 'a'],
      [0, 'b']
    ] as const)
      tally.deliver(node, content, 110)
    expect(tally.isComplete).toBe(false)
    tally.deliver(2, 'b', 150.06)
    expect(tally.isComplete).toBe(true)
    expect(tally.summary()).toEqual({
      type: 'summary',
      nodes: 3,
      updates: 2,
      expected: 4,
      delivered: 4,
      lost: 0,
      duplicates: 0,
      p50Ms: 10,
      p99Ms: 50.1
    })
  })

  it('counts what comes twice, or back to its origin', () => {
    const tally = new Tally(3, plan)
    tally.submit('a', 0)
    tally.deliver(1, 'a', 1)
    tally.deliver(1, 'a', 2)
    tally.deliver(0, 'a', 3)
    expect(tally.summary()).toMatchObject({ delivered: 1, duplicates: 2 })
  })

  it('takes an arrival that is told of before its submission', () => {
    const tally = new Tally(3, plan)
    tally.deliver(1, 'a', 7)
    tally.submit('a', 5)
    expect(tally.summary()).toMatchObject({ delivered: 1, p50Ms: 2 })
  })

  it('does not count what was never submitted', () => {
    const tally = new Tally(3, plan)
    tally.deliver(1, 'c', 1)
    expect(tally.summary()).toMatchObject({ delivered: 0, duplicates: 0 })
  })

  it('does not wait for nodes that have ended, yet counts what they lack as lost', () => {
    const tally = new Tally(3, plan)
    tally.submit('b', 0)
    tally.end(0)
    tally.deliver(2, 'b', 1)
    expect(tally.isComplete).toBe(true)
    expect(tally.summary()).toMatchObject({ delivered: 1, lost: 3 })
  })
})
