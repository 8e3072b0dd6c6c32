/** Row 3: a broadcast workload while partitions of changing shapes come and go (section 5 of the list). */

import { amount } from '@rumormill/harness/figure'
import type { StoreConfig } from '@rumormill/protocol'
import { shuffle } from '@rumormill/protocol/engine'
import { createRng, type Rng } from '@rumormill/protocol/plugin'
import { simulate, type Stage } from '@rumormill/simulator'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions, ROUND_MS } from '../submissions.ts'

const NODES = 25
const BEGIN_MS = 5000
const STEP_MS = 10_000

type Strike = (stage: Stage<DeliveryLog>, rng: Rng) => void

export const nemesis: Row = { number: 3, name: 'broadcast under partitions', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const [steps, everyMs] = short ? [8, 100] : [8, 20]
  const result = trial(seed, steps, everyMs, STRIKES)
  // The control: without repeated rounds, partitions must lose updates.
  const control = trial(seed, steps, 1000, STRIKES, { expiration: { mode: 'pushCount', count: 3 } })
  const bound = boundRounds(NODES)
  return {
    load: `${NODES} nodes, 100 ms, ${1000 / everyMs} updates/s for ${(steps * STEP_MS) / 1000} s`,
    faults: 'majority, ring, one, third; 10 s each, 10 s apart',
    badInputs: 0,
    lost: result.lost,
    duplicates: result.duplicates,
    figures: [
      amount('rounds after the last heal until all nodes are equal', result.rounds, {
        limit: bound
      }),
      amount('updates', result.submitted),
      amount('control that stops after 3 pushes, lost', control.lost)
    ],
    complaints: [
      ...(result.rounds <= bound ? [] : [`equal only after ${result.rounds.toFixed(1)} rounds`]),
      ...(control.lost > 0 ? [] : ['the control run lost nothing'])
    ]
  }
}

function trial(
  seed: number,
  steps: number,
  everyMs: number,
  strikes: readonly Strike[],
  store: Partial<StoreConfig> = {}
): {
  lost: number
  duplicates: number
  rounds: number
  submitted: number
} {
  const healedMs = BEGIN_MS + steps * STEP_MS
  const rng = createRng(seed)
  let submissions!: Submissions
  const { apps } = simulate<DeliveryLog>({
    nodes: NODES,
    seed,
    store,
    durationMs: healedMs + 10_000,
    network: { delayMs: 100 },
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      for (let step = 0; step < steps; step++) {
        const strike = strikes[(step >> 1) % strikes.length]!
        stage.at(BEGIN_MS + step * STEP_MS, () =>
          step % 2 === 0 ? strike(stage, rng) : stage.heal()
        )
      }
      stage.at(healedMs, () => stage.heal())
      for (let atMs = BEGIN_MS; atMs < healedMs; atMs += everyMs)
        stage.at(atMs, () => submissions.submit(rng.below(NODES)))
    }
  })
  const lastMs = Math.max(...[...apps.values()].map((log) => submissions.completeMs(log, healedMs)))
  return {
    ...balance(submissions, apps.values()),
    rounds: (lastMs - healedMs) / ROUND_MS,
    submitted: submissions.entries.length
  }
}

/** Cuts one node off. */
function oneAlone(stage: Stage<DeliveryLog>, rng: Rng): void {
  const alone = rng.below(NODES)
  stage.partition([[alone], stage.nodes.filter((node) => node !== alone)])
}

/** Separates a random majority from the rest. */
function majority(stage: Stage<DeliveryLog>, rng: Rng): void {
  const order = shuffled(stage, rng)
  stage.partition([order.slice(0, 13), order.slice(13)])
}

/** Cuts up to a third of the nodes off, each from all others. */
function third(stage: Stage<DeliveryLog>, rng: Rng): void {
  const order = shuffled(stage, rng)
  const lonely = order.splice(0, 1 + rng.below(NODES / 3))
  stage.partition([order, ...lonely.map((node) => [node])])
}

/** Forms overlapping majorities in a ring: each node reaches the six on either side. */
function ring(stage: Stage<DeliveryLog>, rng: Rng): void {
  const order = shuffled(stage, rng)
  order.forEach((node, index) => {
    const far = Array.from({ length: NODES - 13 }, (_, step) => order[(index + 7 + step) % NODES]!)
    stage.cut([node], far)
  })
}

const STRIKES: readonly Strike[] = [majority, ring, oneAlone, third]

function shuffled(stage: Stage<DeliveryLog>, rng: Rng): number[] {
  const order = [...stage.nodes]
  shuffle(order, rng)
  return order
}
