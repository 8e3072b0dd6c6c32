/** Observable instruments: figures are read when they are collected. */
import { metrics, type Meter, type Observable } from '@opentelemetry/api'
import { METRICS, type Metric } from '../metrics.ts'
import { statsOf, type Source, type Sources } from '../sources.ts'

/** Makes all instruments of `meter`, under names that begin with `rumormill.`. Default: the global meter `rumormill`. */
export function openTelemetryMetrics(meter: Meter = metrics.getMeter('rumormill')): Sources {
  const sources = new Set<Source>()
  const instruments = new Map<Observable, Metric>(METRICS.map((metric) => {
    const { name, help: description, unit, kind } = metric
    const create = kind === 'counter' ? 'createObservableCounter' : 'createObservableUpDownCounter'
    return [meter[create](`rumormill.${name}`, { description, unit }), metric]
  }))
  // One look at a node for all of its figures, so that they belong together.
  meter.addBatchObservableCallback((result) => {
    for (const source of sources) {
      const stats = statsOf(source)
      if (stats === undefined) continue
      for (const [instrument, { label, read }] of instruments) {
        const figures = read(stats, source.tally)
        if (typeof figures === 'number') result.observe(instrument, figures, source.labels)
        else for (const [value, figure] of Object.entries(figures)) result.observe(instrument, figure, { ...source.labels, [label!]: value })
      }
    }
  }, [...instruments.keys()])
  return {
    add(source) {
      sources.add(source)
      return () => void sources.delete(source)
    }
  }
}
