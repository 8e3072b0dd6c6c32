import { expect, it } from 'vitest'
import { averaged } from '../src/average.ts'
import type { Result, Scale } from '../src/experiment.ts'
import { fullScale, quickScale } from '../src/papers.ts'

const seeds: number[] = []

function run({ seed }: Scale): Result {
  seeds.push(seed)
  const points = [
    [1, seeds.length],
    [2, 10 * seeds.length]
  ] as const
  return {
    measurements: [
      { id: 'a', value: seeds.length },
      { id: 'b', value: seeds.length === 2 ? Infinity : 1 }
    ],
    plots: [{ id: 'p', title: '', x: '', y: '', ours: [{ name: 'a', points }], paper: [] }]
  }
}

it('is the mean of every figure and every point, over runs with different seeds', () => {
  seeds.length = 0
  const { measurements, plots } = averaged(
    fullScale(7, () => {}),
    3,
    run
  )
  expect(measurements).toEqual([
    { id: 'a', value: 2 },
    { id: 'b', value: Infinity }
  ])
  expect(plots![0]!.ours).toEqual([
    {
      name: 'a',
      points: [
        [1, 2],
        [2, 20]
      ]
    }
  ])
  expect(seeds[0]).toBe(7)
  expect(new Set(seeds).size).toBe(3)
})

it('is one run with the given seed when quick', () => {
  seeds.length = 0
  averaged(
    quickScale(7, () => {}),
    3,
    run
  )
  expect(seeds).toEqual([7])
})
