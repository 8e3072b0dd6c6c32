/** Counts the rounds until all nodes have an update (Demers et al. 1987; Karp et al. 2000; Doerr and Kostrygin 2017). */

import { median, quantile } from '@rumormill/harness/quantile'
import { pick } from '@rumormill/protocol/engine'
import { CycleGroup, randomGroup } from '@rumormill/simulator'
import type { Experiment, Measurement, Scale } from './experiment.ts'
import { groupOf, membershipAt } from './protocols.ts'

const MODES = {
  push: { push: true, pull: false },
  pull: { push: false, pull: true },
  pushpull: { push: true, pull: true }
}

/** The limit of a run; the slowest mode needs 35 rounds for 10^5 nodes. */
const MAX_ROUNDS = 100

export const rounds: Experiment = {
  id: 'rounds',
  title: 'Rounds until all nodes have an update',
  story:
    'Every node contacts one uniformly random other node per round. With push, the caller sends ' +
    'the update if it has it; with pull, the caller requests it; with push-pull both happen. In ' +
    'theory this takes log2 n + ln n rounds for push, log2 n + log2 ln n for pull and log3 n + ' +
    'log2 ln n for push-pull, plus a constant of about one for push and pull.',
  run: (scale) => {
    const measurements: Measurement[] = []
    const plan = scale.quick
      ? [[1000, 5]]
      : [
          [1000, 40],
          [10_000, 10],
          [100_000, 1]
        ]
    for (const [nodes, runs] of plan) {
      for (const [mode, spreading] of Object.entries(MODES)) {
        const name = `${mode} to ${nodes}`
        scale.progress(name)
        const membership = { ...membershipAt(scale, 'rand', 1, 0), viewSize: 1, exchangeSize: 1 }
        const group = new CycleGroup({ ...groupOf(scale, membership), spreading, oracle: true })
        for (let node = 0; node < nodes!; node++) group.add()
        const counts = Array.from({ length: runs! }, (_, run) => roundsToAll(group, run))
        measurements.push({
          id: name,
          value: counts.reduce((sum, count) => sum + count, 0) / runs!
        })
      }
    }
    return { measurements }
  }
}

export const spread: Experiment = {
  id: 'spread',
  title: 'Rounds over sampled views',
  story:
    'Here nodes contact peers from their own views, with the settings that rumormill uses ' +
    '(rand, H = 3, S = 12, one view exchange per round). With an ideal choice of contacts, an ' +
    'update needs 12 rounds to reach all 10,000 nodes at the median and 13 at the 99th ' +
    'percentile; sampled views may cost one round more at the median and two at the 99th ' +
    'percentile.',
  run: (scale) => {
    scale.progress('updates over sampled views')
    const counts = spreads(scale)
    return {
      measurements: [
        { id: 'sampled p50', value: median(counts) },
        { id: 'sampled p99', value: quantile(counts, 0.99) }
      ]
    }
  }
}

function spreads(scale: Scale): number[] {
  const membership = { ...membershipAt(scale, 'rand', 3, 12), exchangeSize: 14 }
  const group = randomGroup(scale.nodes, {
    ...groupOf(scale, membership),
    spreading: MODES.pushpull
  })
  for (let cycle = 0; cycle < 30; cycle++) group.cycle()
  return Array.from({ length: scale.quick ? 10 : 20 }, (_, run) => roundsToAll(group, run))
}

function roundsToAll(group: CycleGroup, run: number): number {
  const digest = group.submit(
    pick(group.live(), group.rng)!,
    new TextEncoder().encode(`update ${run}`)
  )
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    group.cycle()
    if (group.reached(digest) === group.liveNodes) return round
  }
  return Infinity
}
