import { describe, expect, it } from 'vitest'
import type { Seat } from '../../src/demo/group.ts'
import { Redundancy } from '../../src/page/redundancy.ts'

function seat(number: number, life: number, copies: number, delivered: number): Seat {
  return { number, life, status: 'up', address: '', sight: { copies, delivered } as Seat['sight'] }
}

describe('Redundancy', () => {
  it('is how many copies arrived for each delivery since the sample before', () => {
    const redundancy = new Redundancy(1000)
    expect(redundancy.sample([seat(0, 0, 4, 2), seat(1, 0, 2, 2)], 1500)).toEqual([0.5, 1.5])
    expect(redundancy.sample([seat(0, 0, 7, 3), seat(1, 0, 2, 2)], 2000)).toEqual([1, 3])
    expect(redundancy.points).toEqual([
      [0.5, 1.5],
      [1, 3]
    ])
  })

  it('has no point where nothing was delivered', () => {
    const redundancy = new Redundancy(0)
    expect(
      redundancy.sample([seat(0, 0, 3, 0), { ...seat(1, 0, 0, 0), sight: undefined }], 500)
    ).toBeUndefined()
    expect(redundancy.points).toEqual([])
  })

  it('counts a restarted node from its own start', () => {
    const redundancy = new Redundancy(0)
    redundancy.sample([seat(0, 0, 40, 20)], 500)
    expect(redundancy.sample([seat(0, 1, 6, 3)], 1000)).toEqual([1, 2])
  })

  it('remembers a bounded number of points', () => {
    const redundancy = new Redundancy(0)
    for (let count = 1; count <= 300; count++)
      redundancy.sample([seat(0, 0, count, count)], count * 1000)
    expect(redundancy.points).toHaveLength(200)
    expect(redundancy.points.at(-1)).toEqual([300, 1])
  })
})
