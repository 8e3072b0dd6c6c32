/** Figures are read when they are scraped: nothing is counted twice, and nothing costs anything in between. */
import { Counter, Gauge, register, type Registry } from 'prom-client'
import { METRICS, type Metric } from '../metrics.ts'
import { statsOf, type Source, type Sources } from '../sources.ts'

export interface PrometheusOptions {
  /** Default: the global registry of `prom-client`. */
  readonly registry?: Registry
  /** Names of the labels that sources bring. Default: none, which allows one source. */
  readonly labelNames?: readonly string[]
}

/** Registers all metrics, under names that begin with `rumormill_`. Throws when the registry has them already. */
export function prometheusMetrics({ registry = register, labelNames = [] }: PrometheusOptions = {}): Sources {
  const sources = new Set<Source>()
  for (const metric of METRICS) {
    const options = {
      name: prometheusName(metric),
      help: metric.help,
      labelNames: [...labelNames, ...(metric.label === undefined ? [] : [metric.label])],
      registers: []
    }
    registry.registerMetric(metric.kind === 'counter'
      ? new Counter({ ...options, collect() { report(metric, sources, this, (labels, value) => this.inc(labels, value)) } })
      : new Gauge({ ...options, collect() { report(metric, sources, this, (labels, value) => this.set(labels, value)) } }))
  }
  return {
    add(source) {
      sources.add(source)
      return () => void sources.delete(source)
    }
  }
}

/** By the conventions of Prometheus: base units and `_total` at the end. */
export function prometheusName({ name, unit, kind }: Metric): string {
  return `rumormill_${name}${unit === 'By' ? '_bytes' : ''}${kind === 'counter' ? '_total' : ''}`
}

function report(
  { label, read }: Metric, sources: Iterable<Source>, metric: { reset(): void },
  set: (labels: Record<string, string>, value: number) => void
): void {
  metric.reset()
  for (const source of sources) {
    const stats = statsOf(source)
    if (stats === undefined) continue
    const figures = read(stats, source.tally)
    if (typeof figures === 'number') set({ ...source.labels }, figures)
    else for (const [value, figure] of Object.entries(figures)) set({ ...source.labels, [label!]: value }, figure)
  }
}
