/** Scenarios that measure how random the chosen peers are, and how soon they change. */

import { PRESETS } from '@rumormill/protocol/engine'
import { randomGroup } from '@rumormill/simulator'
import type { Scenario, ScenarioOptions, ScenarioResult } from './scenario.ts'

const WARM_UP_CYCLES = 150
const ROWS = 10
const CYCLES_PER_ROW = 50

/** Rounds in two view periods of the preset `lan`. */
const CHOICES_IN_TWO_CYCLES = 5

/** The most nodes that are watched: each needs a counter for every other node. */
const MAX_WATCHED = 200

const { push, pull, selection, viewSize, healing, swapping, exchangeSize } = PRESETS.lan.membership
const COLUMNS = [
  'cycles',
  'peers chosen',
  'different ones',
  'if drawn at random',
  'chi-square / degrees'
]

export const sampleScenarios: readonly Scenario[] = [
  {
    name: 'samples',
    about:
      'up to 200 nodes choose five peers per two cycles; 1 in the last column is random, more is uneven',
    run: samples
  }
]

function samples({ nodes, seed, hardened, progress }: ScenarioOptions): ScenarioResult {
  const group = randomGroup(nodes, {
    seed,
    membership: { push, pull, selection, viewSize, healing, swapping, exchangeSize, hardened }
  })
  progress(`${WARM_UP_CYCLES} cycles to warm up`)
  for (let cycle = 0; cycle < WARM_UP_CYCLES; cycle++) group.cycle()
  const counts = Array.from({ length: Math.min(nodes, MAX_WATCHED) }, () => new Int32Array(nodes))
  const rows: number[][] = []
  let chosen = 0
  for (let cycle = 1; cycle <= ROWS * CYCLES_PER_ROW; cycle++) {
    group.cycle()
    const choices = (CHOICES_IN_TWO_CYCLES + (cycle % 2)) >> 1
    chosen += choices
    counts.forEach((count, node) => {
      for (let choice = 0; choice < choices; choice++) count[group.sample(node)!]!++
    })
    if (cycle % CYCLES_PER_ROW > 0) continue
    progress(`cycle ${cycle}`)
    const others = nodes - 1
    rows.push([
      cycle,
      chosen,
      mean(counts, (count) => count.filter((times) => times > 0).length),
      others * (1 - (1 - 1 / others) ** chosen),
      mean(counts, (count, node) => unevenness(count, node, chosen))
    ])
  }
  return { columns: COLUMNS, rows, complaints: [] }
}

/** Returns Pearson's chi-square against equal counts of all other nodes, divided by its degrees of freedom. */
function unevenness(counts: Int32Array, node: number, chosen: number): number {
  const expected = chosen / (counts.length - 1)
  let sum = 0
  counts.forEach((times, other) => {
    if (other !== node) sum += (times - expected) ** 2 / expected
  })
  return sum / (counts.length - 2)
}

function mean(
  counts: readonly Int32Array[],
  value: (count: Int32Array, node: number) => number
): number {
  return counts.reduce((sum, count, node) => sum + value(count, node), 0) / counts.length
}
