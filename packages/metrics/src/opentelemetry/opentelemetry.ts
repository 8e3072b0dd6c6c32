/** Exports metrics to OpenTelemetry by observable instruments: figures are read only when they are collected. */

import { metrics, type Meter, type Observable } from '@opentelemetry/api'
import { METRICS, type Metric } from '../metrics.ts'
import { figuresOf, SourceSet, type Sources } from '../sources.ts'

/** Creates all instruments of `meter`, with names that start with `rumormill.`. Default: the global meter `rumormill`. */
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
  // All figures of a node are read at once, so that they are consistent.
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
