/**
 * The entry point of `@rumormill/metrics`: the shared parts of both exporters, and logs. Each exporter has its own entry point.
 * @module @rumormill/metrics
 */
export { eventTally, type EventTally } from './event-tally.ts'
export { logEvents, type EventLogger, type LogOptions } from './log-events.ts'
export { METRICS, type Metric } from './metrics.ts'
