/**
 * Metrics for OpenTelemetry, by `@opentelemetry/api`.
 * @module @rumormill/metrics/opentelemetry
 */
export { openTelemetryMetrics } from './opentelemetry.ts'
export { type Source, type Sources } from '../sources.ts'
