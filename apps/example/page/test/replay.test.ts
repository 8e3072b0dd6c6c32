import { describe, expect, it } from 'vitest'
import { hopsOf } from '../src/hops.ts'
import { Replay } from '../src/replay.ts'
import type { Spread } from '../src/wire.ts'

function spreadOf(id: number, arrivals: Spread['arrivals']): Spread {
  return { run: 1, id, origin: 0, text: 'a', arrivals, complete: true }
}

const chain = spreadOf(7, [
  [2, 1, 4],
  [1, 0, 2],
  [3, -1, 5]
])

describe('hopsOf', () => {
  it('counts the hands, and takes an unknown way for one', () => {
    expect(hopsOf(chain)).toEqual([
      { node: 1, from: 0, hop: 1 },
      { node: 3, from: undefined, hop: 1 },
      { node: 2, from: 1, hop: 2 }
    ])
  })

  it('does not hang on a circle', () => {
    expect(
      hopsOf(
        spreadOf(1, [
          [1, 2, 1],
          [2, 1, 1]
        ])
      )
    ).toHaveLength(2)
  })
})

describe('Replay', () => {
  const progress = (replay: Replay, nowMs: number): number[] =>
    replay.steps(nowMs).map((step) => step.progress)

  it('shows hop after hop', () => {
    const replay = new Replay(false)
    replay.show(chain, 1000)
    expect(progress(replay, 1000)).toEqual([0, 0, 0])
    expect(progress(replay, 1250)).toEqual([0.5, 0.5, 0])
    expect(progress(replay, 1750)).toEqual([1, 1, 0.5])
    expect(replay.isMoving(1999)).toBe(true)
    expect(replay.isMoving(2000)).toBe(false)
  })

  it('shows what comes after a while when it comes', () => {
    const replay = new Replay(false)
    replay.show(spreadOf(7, [[1, 0, 2]]), 1000)
    replay.show(
      spreadOf(7, [
        [1, 0, 2],
        [2, 0, 8000]
      ]),
      9000
    )
    expect(progress(replay, 9250)).toEqual([1, 0.5])
  })

  it('keeps to the newest update of a run', () => {
    const replay = new Replay(false)
    replay.show(chain, 1000)
    replay.show(spreadOf(6, [[1, 0, 2]]), 1100)
    expect(replay.spread).toBe(chain)
    replay.show({ ...spreadOf(0, []), run: 2 }, 1200)
    expect(replay.spread?.run).toBe(2)
  })

  it('stands still for those who want that', () => {
    const replay = new Replay(true)
    replay.show(chain, 1000)
    expect(progress(replay, 1000)).toEqual([1, 1, 1])
    expect(replay.isMoving(1000)).toBe(false)
  })
})
