/** Exports metrics to Prometheus. Figures are read only when they are scraped. */

import { Counter, Gauge, register, type Registry } from 'prom-client'
import { METRICS, type Metric } from '../metrics.ts'
import { figuresOf, SourceSet, type Sources } from '../sources.ts'

export interface PrometheusOptions {
  /** Default: the global registry of `prom-client`. */
  readonly registry?: Registry
  /** The names of the labels of sources. Default: none, which allows one source. */
  readonly labelNames?: readonly string[]
}

/** Registers all metrics, with names that start with `rumormill_`. Throws when the registry has them already. */
export function prometheusMetrics({
  registry = register,
  labelNames = []
}: PrometheusOptions = {}): Sources {
  const sources = new SourceSet()
  for (const metric of METRICS) {
    const options = {
      name: prometheusName(metric),
      help: metric.help,
      labelNames: [...labelNames, ...(metric.label === undefined ? [] : [metric.label])],
      registers: []
    }
    registry.registerMetric(
      metric.kind === 'counter'
        ? new Counter({
            ...options,
            collect() {
              report(metric, sources, this, (labels, value) => this.inc(labels, value))
            }
          })
        : new Gauge({
            ...options,
            collect() {
              report(metric, sources, this, (labels, value) => this.set(labels, value))
            }
          })
    )
  }
  return sources
}

/** Returns the name by the conventions of Prometheus: base units, and `_total` at the end of counters. */
export function prometheusName({ name, unit, kind }: Metric): string {
  return `rumormill_${name}${unit === 'By' ? '_bytes' : ''}${kind === 'counter' ? '_total' : ''}`
}

function report(
  metric: Metric,
  sources: SourceSet,
  exported: { reset(): void },
  set: (labels: Record<string, string>, figure: number) => void
): void {
  exported.reset()
  for (const [source, stats] of sources.running()) {
    for (const [labels, figure] of figuresOf(metric, source, stats)) set(labels, figure)
  }
}
