import { expect, it } from 'vitest'
import { overlayScenarios } from '../../src/scenarios/overlays.ts'
import { spreadScenarios } from '../../src/scenarios/spreads.ts'

const scenarios = [...overlayScenarios, ...spreadScenarios]

it.each(scenarios)('$name ends well, and alike for the same seed', ({ run }) => {
  const said: string[] = []
  const result = run({ nodes: 60, seed: 2, progress: (doing) => said.push(doing) })
  expect(result.complaints).toEqual([])
  expect(result.rows.length).toBeGreaterThan(8)
  expect(result.rows.every((row) => row.length === result.columns.length && row.every(Number.isFinite))).toBe(true)
  expect(said.length).toBeGreaterThan(10)
  expect(run({ nodes: 60, seed: 2, progress: () => {} })).toEqual(result)
  expect(run({ nodes: 60, seed: 3, progress: () => {} }).rows).not.toEqual(result.rows)
})
