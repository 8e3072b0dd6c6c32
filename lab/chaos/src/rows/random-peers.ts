/** Row 32: tests with chi-square at every node whether the chosen peers are as evenly distributed as random ones. */

import { percentage } from '@rumormill/harness/figure'
import { CycleGroup, randomGroup } from '@rumormill/simulator'
import type { Row, RowOptions, RowResult } from '../row.ts'

const NODES = 257
const WARM_UP_CYCLES = 150
const SAMPLES_PER_CYCLE = 4
/** The range of p from 0.001 to 0.999, in standard deviations of a normal distribution. */
const BOUND = 3.09
const SHARE_WITHIN = 0.95

export const randomPeers: Row = { number: 32, name: 'randomness of peers', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const cycles = short ? 1000 : 250_000
  const within = trial(cycles, seed, false)
  const hardened = trial(short ? cycles : 2000, seed, true)
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  return {
    load: `${NODES} nodes, ${(cycles * SAMPLES_PER_CYCLE).toLocaleString('en')} peers chosen by each`,
    faults: 'none',
    badInputs: 0,
    lost: 0,
    duplicates: 0,
    figures: [
      percentage('nodes with a chi-square within p 0.001 and 0.999', within, {
        least: SHARE_WITHIN
      }),
      percentage('control with hardening, which keeps the same peers for long', hardened)
    ],
    complaints: [
      ...(within >= SHARE_WITHIN
        ? []
        : [`only ${percent(within)} of the nodes choose random peers`]),
      ...(hardened < SHARE_WITHIN ? [] : ['the control run passed, too'])
    ]
  }
}

/** Returns the share of nodes whose counts are neither less nor more even than random ones. */
function trial(cycles: number, seed: number, hardened: boolean): number {
  const group = randomGroup(NODES, {
    seed,
    membership: {
      push: true,
      pull: true,
      selection: 'rand',
      viewSize: 30,
      healing: 3,
      swapping: 12,
      exchangeSize: 14,
      hardened
    }
  })
  for (let cycle = 0; cycle < WARM_UP_CYCLES; cycle++) group.cycle()
  const counts = Array.from({ length: NODES }, () => new Int32Array(NODES))
  for (let cycle = 0; cycle < cycles; cycle++) {
    group.cycle()
    counts.forEach((count, node) => sample(group, node, count))
  }
  const expected = (cycles * SAMPLES_PER_CYCLE) / (NODES - 1)
  return (
    counts.filter((count, node) => Math.abs(deviation(count, node, expected)) <= BOUND).length /
    NODES
  )
}

function sample(group: CycleGroup, node: number, count: Int32Array): void {
  for (let sampled = 0; sampled < SAMPLES_PER_CYCLE; sampled++) count[group.sample(node)!]!++
}

/** Returns Pearson's chi-square against equal counts, as a standard normal deviate (Wilson and Hilferty, 1931). */
function deviation(counts: Int32Array, node: number, expected: number): number {
  const degrees = NODES - 2
  let sum = 0
  counts.forEach((count, other) => {
    if (other !== node) sum += (count - expected) ** 2 / expected
  })
  return (Math.cbrt(sum / degrees) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees))
}
