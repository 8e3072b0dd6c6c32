/** The interface of the papers' experiments, which measure; expectations are defined elsewhere. */

import type { CurvePlot } from '@rumormill/harness/plot'
import type { Core } from '@rumormill/simulator'

/** The size of the group, and the extent of an experiment. */
export interface Scale {
  readonly quick: boolean
  readonly nodes: number
  /** c in the papers. */
  readonly viewSize: number
  readonly seed: number
  /** The state machines of the nodes. Default: those of production. */
  readonly core?: Core
  /** Reports the progress. */
  readonly progress: (doing: string) => void
}

export interface Measurement {
  /** The id of its expectation. */
  readonly id: string
  /** `undefined` when the tool that measures it is not installed. */
  readonly value: number | undefined
}

export interface Experiment {
  readonly id: string
  readonly title: string
  /** Explains the experiment and its figures to readers who have not read the paper. */
  readonly story: string
  readonly run: (scale: Scale) => Result
}

export interface Result {
  readonly measurements: readonly Measurement[]
  readonly plots?: readonly CurvePlot[]
}
