/** Runs what docs/simulation.md shows: the bug is there, the simulation finds it, and the fix mends it. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { forEachSeed, simulate, type SimulatedApp, type SimulatedNode } from '@rumormill/simulator'
import { expect, it } from 'vitest'
import { tutorial } from './tutorial.ts'

interface Entry {
  readonly version: number
  readonly value: string
}
type Wins = (arriving: Entry, present: Entry) => boolean
interface Register extends SimulatedApp {
  readonly entry: Entry
  set(value: string): void
}

const { exports, proof } = await tutorial('simulation.md')
const Register = exports['Register'] as new (node: SimulatedNode, wins: Wins) => Register
const higherVersion = exports['higherVersion'] as Wins
const page = readFileSync(new URL('../simulation.md', import.meta.url), 'utf8')
const ownCode = readFileSync(fileURLToPath(import.meta.url), 'utf8')

function valuesAfter(wins: Wins, partitioned: boolean, seed: number): string[] {
  const { apps } = simulate({
    nodes: 20,
    seed,
    durationMs: 90_000,
    network: { delayMs: { least: 10, mean: 40 }, loss: 0.02 },
    app: (node) => new Register(node, wins),
    script: (stage) => {
      const left = stage.nodes.filter((node) => node < 10)
      const right = stage.nodes.filter((node) => node >= 10)
      stage.at(10_000, () => stage.app(3).set('first'))
      if (partitioned) stage.at(30_000, () => stage.partition([left, right]))
      stage.at(35_000, () => stage.app(5).set('left'))
      stage.at(50_000, () => stage.app(15).set('right'))
      stage.at(60_000, () => stage.heal())
    }
  })
  return [...new Set([...apps.values()].map(({ entry }) => entry.value))]
}

const higherVersionOrValue: Wins = (arriving, present) =>
  arriving.version > present.version ||
  (arriving.version === present.version && arriving.value > present.value)

it('finds the bug as the page says', () => {
  const message = /```text\n(.*)\n```/.exec(page)![1]!
  expect(() =>
    forEachSeed(20, (seed) => {
      expect(valuesAfter(higherVersion, true, seed)).toHaveLength(1)
    })
  ).toThrow(message)
})

it('finds it under the partition only', () => {
  forEachSeed(5, (seed) => expect(valuesAfter(higherVersion, false, seed)).toEqual(['right']))
})

it('is content with the fix', () => {
  forEachSeed(5, (seed) => expect(valuesAfter(higherVersionOrValue, true, seed)).toEqual(['right']))
})

it('is shown as it runs here', () => {
  const [shown] = proof.split('\ntest(')
  expect(ownCode).toContain(shown)
  const fix = [...page.matchAll(/```ts\n([\s\S]*?)```/g)][2]![1]!
  expect(ownCode).toContain(fix)
})
