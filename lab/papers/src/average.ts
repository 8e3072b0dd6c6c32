/** Averages several runs of one experiment, as the papers do. */

import type { Curve, CurvePlot } from '@rumormill/harness/plot'
import type { Measurement, Result, Scale } from './experiment.ts'

/** Runs `count` times with different seeds, once when quick, and returns the means. All runs must measure the same ids. */
export function averaged(scale: Scale, count: number, run: (scale: Scale) => Result): Result {
  const results = Array.from({ length: scale.quick ? 1 : count }, (_, index) =>
    run({ ...scale, seed: scale.seed + 1000 * index })
  )
  const { measurements, plots } = results[0]!
  return {
    measurements: measurements.map(({ id }, index): Measurement => ({
      id,
      value: mean(results.map((result) => result.measurements[index]!.value ?? Number.NaN))
    })),
    ...(plots === undefined
      ? {}
      : {
          plots: plots.map((plot, index) =>
            meanPlot(
              plot,
              results.map((result) => result.plots![index]!)
            )
          )
        })
  }
}

function meanPlot(plot: CurvePlot, plots: readonly CurvePlot[]): CurvePlot {
  const ours = plot.ours.map((curve, number): Curve => ({
    name: curve.name,
    points: curve.points.map(([x], index) => [
      x,
      mean(plots.map((each) => each.ours[number]!.points[index]![1]))
    ])
  }))
  return { ...plot, ours }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
