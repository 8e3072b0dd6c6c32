/** Observable instruments: figures are read when they are collected. */

import { metrics, type Meter, type Observable } from '@opentelemetry/api'
import { METRICS, type Metric } from '../metrics.ts'
import { figuresOf, SourceSet, type Sources } from '../sources.ts'

/** Makes all instruments of `meter`, under names that begin with `rumormill.`. Default: the global meter `rumormill`. */
export function openTelemetryMetrics(meter: Meter = metrics.getMeter('rumormill')): Sources {
  const sources = new SourceSet()
  const instruments = new Map<Observable, Metric>(
    METRICS.map((metric) => {
      const { name, help: description, unit, kind } = metric
      const create =
        kind === 'counter' ? 'createObservableCounter' : 'createObservableUpDownCounter'
      return [meter[create](`rumormill.${name}`, { description, unit }), metric]
    })
  )
  // One look at a node for all of its figures, so that they belong together.
  meter.addBatchObservableCallback(
    (result) => {
      for (const [source, stats] of sources.running()) {
        for (const [instrument, metric] of instruments) {
          for (const [labels, figure] of figuresOf(metric, source, stats))
            result.observe(instrument, figure, labels)
        }
      }
    },
    [...instruments.keys()]
  )
  return sources
}
