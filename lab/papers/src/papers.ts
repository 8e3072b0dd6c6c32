/** Runs the experiments one after the other, and compares the measurements with the expectations. */

import type { CurvePlot } from '@rumormill/harness/plot'
import { baseline } from './baseline.ts'
import { churn } from './churn.ts'
import { converged } from './converged.ts'
import { edges } from './edges.ts'
import { judge, type Expectation, type Row } from './expectation.ts'
import { EXPECTATIONS } from './expectations.ts'
import type { Experiment, Measurement, Scale } from './experiment.ts'
import { pushing, starts } from './growth.ts'
import { QUICK_EXPECTATIONS } from './quick-expectations.ts'
import { randomness } from './randomness.ts'
import { reach } from './reach.ts'
import { rounds, spread } from './rounds.ts'

export const EXPERIMENTS: readonly Experiment[] = [
  baseline,
  converged,
  edges,
  starts,
  pushing,
  churn,
  randomness,
  rounds,
  spread,
  reach
]

/** One experiment with its results. */
export interface Chapter {
  readonly id: string
  readonly title: string
  readonly story: string
  readonly rows: readonly Row[]
  readonly plots: readonly CurvePlot[]
  readonly measurements: readonly Measurement[]
}

export function fullScale(seed: number, progress: Scale['progress']): Scale {
  return { quick: false, nodes: 10_000, viewSize: 30, seed, progress }
}

/** Returns the quick scale: a tenth of the nodes, with its own expectations, because the papers have none for it. */
export function quickScale(seed: number, progress: Scale['progress']): Scale {
  return { quick: true, nodes: 1000, viewSize: 30, seed, progress }
}

/** Yields the chapters in order, each as soon as it is done; those named in `only`, or all. */
export function* papers(scale: Scale, only: readonly string[] = []): Generator<Chapter> {
  const expectations: Readonly<Record<string, readonly Expectation[]>> = scale.quick
    ? QUICK_EXPECTATIONS
    : EXPECTATIONS
  for (const { id, title, story, run } of EXPERIMENTS) {
    if (only.length > 0 && !only.includes(id)) continue
    const { measurements, plots = [] } = run(scale)
    yield {
      id,
      title,
      story,
      rows: judge(expectations[id] ?? [], measurements),
      plots,
      measurements
    }
  }
}
