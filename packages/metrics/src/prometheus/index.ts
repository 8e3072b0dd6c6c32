/**
 * Metrics for Prometheus, by `prom-client`.
 * @module @rumormill/metrics/prometheus
 */
export { prometheusMetrics, type PrometheusOptions } from './prometheus.ts'
export { type Source, type Sources } from '../sources.ts'
