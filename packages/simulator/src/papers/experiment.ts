/** What an experiment of the papers is: it measures, and says nothing about what should come out. */

import type { Core } from '../cycles/cycle-group.ts'

/** The size of the group, and how far an experiment goes. */
export interface Scale {
  readonly quick: boolean
  readonly nodes: number
  /** c. */
  readonly viewSize: number
  readonly seed: number
  /** Makes the nodes. Default: the production engine. */
  readonly core?: Core
  /** Told what is being done, for people who wait. */
  readonly progress: (doing: string) => void
}

export interface Measurement {
  /** By which it is found among the expectations. */
  readonly id: string
  /** `undefined` when what measures it is not installed. */
  readonly value: number | undefined
}

/** A line of a plot: one protocol, say. */
export interface Curve {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  /** Also the name of its file. */
  readonly id: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly logX?: boolean
  readonly logY?: boolean
  readonly ours: readonly Curve[]
  /** The paper's points, under the same names. */
  readonly paper: readonly Curve[]
}

export interface Experiment {
  readonly id: string
  readonly title: string
  /** For somebody who has not read the paper: what was done, and what the figures mean. */
  readonly story: string
  readonly run: (scale: Scale) => Result
}

export interface Result {
  readonly measurements: readonly Measurement[]
  readonly plots?: readonly Plot[]
}
