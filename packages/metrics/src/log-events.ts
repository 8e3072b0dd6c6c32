/** Events as lines of a structured logger: few by default, and the same thing once in a while with how often it came. */

import type { DropReason, GossipErrorCode, GossipEvent, Observer } from '@rumormill/protocol'

/** What pino, bunyan and their like have in common; for `console`, put the two arguments together. */
export interface EventLogger {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface LogOptions {
  /** Milliseconds in which the same kind of thing is told once. Default: 10,000. */
  readonly intervalMs?: number
  /** Whether also the traffic of every day is told, one line an event, at `debug`. Default: false. */
  readonly traffic?: boolean
  /** Default: `performance.now`. */
  readonly nowMs?: () => number
}

/** What happens every day where peers come and go: at `debug`. */
const USUAL: readonly GossipErrorCode[] = ['UNREACHABLE', 'CONNECTION_LOST', 'NOT_RUNNING']
/** What says that this node does not keep up: at `warn`; other drops at `debug`. */
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

/** Give it to `createGossip` as `observe`. What a peer can repeat costs one line per kind and interval. */
export function logEvents(logger: EventLogger, options: LogOptions = {}): Observer {
  const { intervalMs = 10_000, traffic = false, nowMs = () => performance.now() } = options
  const told = new Map<string, { untilMs: number; untold: number }>()
  return (event) => {
    const topic = topicOf(event)
    if (topic === undefined) {
      if (traffic) logger.debug(event, event.kind)
      return
    }
    const before = told.get(topic.name)
    if (before !== undefined && nowMs() < before.untilMs) {
      before.untold++
      return
    }
    told.set(topic.name, { untilMs: nowMs() + intervalMs, untold: 0 })
    const untold = before === undefined || before.untold === 0 ? {} : { untold: before.untold }
    logger[topic.level]({ ...event, ...untold }, topic.message)
  }
}

/** What counts as the same, in few words; `undefined` for traffic. Addresses are no part of it: there may be any number. */
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
