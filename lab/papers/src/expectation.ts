/** The expectations of the papers, with tolerances, and their comparison with measurements. */

import type { Measurement } from './experiment.ts'

export type Tolerance =
  /** The most relative difference from the paper's figure. */
  | { readonly share: number }
  /** The most absolute difference. */
  | { readonly by: number }
  | { readonly atLeast: number }
  | { readonly atMost: number }
  /** Between the two, ends included. */
  | { readonly from: number; readonly to: number }
  /** The reason why the row is shown and not asserted. */
  | { readonly reported: string }

export interface Expectation {
  readonly id: string
  /** The figure as printed in the paper. */
  readonly paper: number | string
  /** The figure or section of the paper, or the computation. */
  readonly source: string
  readonly tolerance: Tolerance
}

export interface Row {
  readonly id: string
  readonly paper: number | string
  readonly source: string
  readonly ours: number | undefined
  readonly tolerance: string
  readonly status: 'ok' | 'MISS' | 'reported' | 'skipped'
  readonly note?: string
}

/** Returns one row for each expectation. Throws when an expectation has no measurement. */
export function judge(
  expectations: readonly Expectation[],
  measurements: readonly Measurement[]
): Row[] {
  const values = new Map(measurements.map(({ id, value }) => [id, value]))
  return expectations.map(({ id, paper, source, tolerance }) => {
    if (!values.has(id)) throw new Error(`nothing was measured for "${id}"`)
    const ours = values.get(id)
    if (ours === undefined)
      return { id, paper, source, ours, tolerance: 'not installed', status: 'skipped' }
    const { words, holds, note } = check(tolerance, ours, Number(paper))
    const status = holds === undefined ? 'reported' : holds ? 'ok' : 'MISS'
    return {
      id,
      paper,
      source,
      ours,
      tolerance: words,
      status,
      ...(note === undefined ? {} : { note })
    }
  })
}

function check(
  tolerance: Tolerance,
  ours: number,
  paper: number
): { words: string; holds?: boolean; note?: string } {
  if ('share' in tolerance) {
    const { share } = tolerance
    return {
      words: `±${Number((100 * share).toFixed(1))} %`,
      holds: Math.abs(ours - paper) <= share * Math.abs(paper)
    }
  }
  if ('by' in tolerance) {
    return {
      words: `±${Number(tolerance.by.toPrecision(2))}`,
      holds: Math.abs(ours - paper) <= tolerance.by
    }
  }
  if ('atLeast' in tolerance)
    return { words: `≥ ${tolerance.atLeast}`, holds: ours >= tolerance.atLeast }
  if ('atMost' in tolerance)
    return { words: `≤ ${tolerance.atMost}`, holds: ours <= tolerance.atMost }
  if ('from' in tolerance) {
    return {
      words: `${tolerance.from} to ${tolerance.to}`,
      holds: ours >= tolerance.from && ours <= tolerance.to
    }
  }
  return { words: 'not asserted', note: tolerance.reported }
}
