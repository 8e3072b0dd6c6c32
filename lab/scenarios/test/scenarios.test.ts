import { expect, it } from 'vitest'
import { attackScenarios } from '../src/attacks.ts'
import { overlayScenarios } from '../src/overlays.ts'
import { sampleScenarios } from '../src/samples.ts'
import { spreadScenarios } from '../src/spreads.ts'

const scenarios = [...overlayScenarios, ...spreadScenarios, ...sampleScenarios, ...attackScenarios]
const attack = { share: 0.1, pushes: 1, hardened: true }

it.each(scenarios)('$name succeeds, with the same result for the same seed', ({ run }) => {
  const said: string[] = []
  const result = run({ ...attack, nodes: 34, seed: 2, progress: (doing) => said.push(doing) })
  expect(result.complaints).toEqual([])
  expect(result.rows.length).toBeGreaterThan(7)
  expect(
    result.rows.every((row) => row.length === result.columns.length && row.every(Number.isFinite))
  ).toBe(true)
  expect(said.length).toBeGreaterThan(10)
  expect(run({ ...attack, nodes: 34, seed: 2, progress: () => {} })).toEqual(result)
  expect(run({ ...attack, nodes: 34, seed: 3, progress: () => {} }).rows).not.toEqual(result.rows)
})

it('a hub attack on a group that is not hardened succeeds, and is reported', () => {
  const [hubAttack] = attackScenarios
  const { complaints } = hubAttack!.run({
    nodes: 250,
    seed: 1,
    share: 0.2,
    pushes: 1,
    hardened: false,
    progress: () => {}
  })
  expect(complaints).toHaveLength(3)
})
