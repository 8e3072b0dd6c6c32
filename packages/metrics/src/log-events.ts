/** Logs events to a structured logger. By default it logs few, and repeated ones once per interval, with their number. */

import type { DropReason, GossipErrorCode, GossipEvent, Observer } from '@rumormill/protocol'

/** The common interface of pino, bunyan and similar loggers. An adapter for `console` must join the two arguments. */
export interface EventLogger {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface LogOptions {
  /** Milliseconds within which events of the same kind are logged once. Default: 10,000. */
  readonly intervalMs?: number
  /** Whether to log normal traffic, too: one line for each event, at `debug`. Default: false. */
  readonly traffic?: boolean
  /** The clock. Default: `performance.now`. */
  readonly nowMs?: () => number
}

/** Failures that are normal when peers come and go. They are logged at `debug`. */
const USUAL: readonly GossipErrorCode[] = ['UNREACHABLE', 'CONNECTION_LOST', 'NOT_RUNNING']
/** Drops that show a problem of this node. They are logged at `warn`, others at `debug`. */
const TROUBLE: readonly DropReason[] = [
  'store-full',
  'handler-queue-full',
  'send-queue-full',
  'not-delivered',
  'malformed-content',
  'unacknowledged',
  'content-too-large',
  'lost',
  'unknown-message'
]

/**
 * Returns an observer for `createGossip`. Events that a peer can repeat cause one line per kind and interval; `suppressed` is
 * the number of events of that kind that were not logged since the last line.
 */
export function logEvents(logger: EventLogger, options: LogOptions = {}): Observer {
  const { intervalMs = 10_000, traffic = false, nowMs = () => performance.now() } = options
  const logged = new Map<string, { untilMs: number; suppressed: number }>()
  return (event) => {
    const topic = topicOf(event)
    if (topic === undefined) {
      if (traffic) logger.debug(event, event.kind)
      return
    }
    const before = logged.get(topic.name)
    if (before !== undefined && nowMs() < before.untilMs) {
      before.suppressed++
      return
    }
    logged.set(topic.name, { untilMs: nowMs() + intervalMs, suppressed: 0 })
    const suppressed =
      before === undefined || before.suppressed === 0 ? {} : { suppressed: before.suppressed }
    logger[topic.level]({ ...event, ...suppressed }, topic.message)
  }
}

/**
 * Returns the kind, level and message of an event; `undefined` for traffic. The kind has no address, so that kinds are
 * bounded.
 */
function topicOf(
  event: GossipEvent
): { name: string; level: 'debug' | 'warn'; message: string } | undefined {
  switch (event.kind) {
    case 'failed': {
      const { code, message } = event.error
      return { name: `failed ${code}`, level: USUAL.includes(code) ? 'debug' : 'warn', message }
    }
    case 'recovered':
      return { name: 'recovered', level: 'debug', message: 'peer reachable again' }
    case 'malformed':
      return { name: 'malformed', level: 'warn', message: event.error.message }
    case 'violation':
      return {
        name: `violation ${event.reason} ${event.bannedMs > 0}`,
        level: event.bannedMs > 0 ? 'warn' : 'debug',
        message:
          event.bannedMs > 0
            ? `peer banned: ${event.reason}`
            : `protocol violation: ${event.reason}`
      }
    case 'duplicate':
      return {
        name: `duplicate ${event.status}`,
        level: 'debug',
        message: `duplicate submission: the update is ${event.status}`
      }
    case 'dropped':
      return {
        name: `dropped ${event.reason}`,
        level: TROUBLE.includes(event.reason) ? 'warn' : 'debug',
        message: `dropped: ${event.reason}`
      }
    default:
      return undefined
  }
}
