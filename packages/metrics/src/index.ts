/**
 * The face of `@rumormill/metrics`: what both exporters share, and logs. The exporters are faces of their own.
 * @module @rumormill/metrics
 */
export { eventTally, type EventTally } from './event-tally.ts'
export { logEvents, type EventLogger, type LogOptions } from './log-events.ts'
export { METRICS, type Metric } from './metrics.ts'
