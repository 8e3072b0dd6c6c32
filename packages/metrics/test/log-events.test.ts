import { logEvents, type LogOptions } from '@rumormill/metrics'
import { GossipError, type GossipEvent } from '@rumormill/protocol'
import { expect, it } from 'vitest'

const FULL: GossipEvent = { kind: 'dropped', reason: 'store-full', count: 1, peer: 'a' }
const SENT: GossipEvent = { kind: 'sent', to: 'a', message: 'prune', bytes: 3 }
const failed = (code: 'UNREACHABLE' | 'HANDLER_FAILED'): GossipEvent => ({
  kind: 'failed',
  error: new GossipError(code, 'so it is'),
  peer: 'a'
})

function log(events: readonly GossipEvent[], options: LogOptions = {}): string[] {
  const lines: string[] = []
  const line =
    (level: string) =>
    (fields: object, message: string): void => {
      const { suppressed } = fields as { suppressed?: number }
      lines.push(`${level} ${message}${suppressed === undefined ? '' : ` (${suppressed} more)`}`)
    }
  const observe = logEvents({ debug: line('debug'), warn: line('warn') }, options)
  for (const event of events) observe(event)
  return lines
}

it('logs problems at warn, and events that are normal at debug', () => {
  expect(
    log([
      FULL,
      failed('HANDLER_FAILED'),
      failed('UNREACHABLE'),
      { kind: 'recovered', peer: 'a' },
      { kind: 'dropped', reason: 'unsolicited', count: 1 }
    ])
  ).toEqual([
    'warn dropped: store-full',
    'warn HANDLER_FAILED: so it is',
    'debug UNREACHABLE: so it is',
    'debug peer reachable again',
    'debug dropped: unsolicited'
  ])
  expect(
    log([
      { kind: 'violation', peer: 'a', reason: 'malformed', bannedMs: 0 },
      { kind: 'violation', peer: 'a', reason: 'malformed', bannedMs: 1000 }
    ])
  ).toEqual(['debug protocol violation: malformed', 'warn peer banned: malformed'])
})

it('logs traffic only with the option traffic', () => {
  expect(log([SENT])).toEqual([])
  expect(log([SENT, SENT], { traffic: true })).toEqual(['debug sent', 'debug sent'])
})

it('logs events of one kind once in an interval, from any peer, with the number of suppressed ones', () => {
  let nowMs = 0
  const many = Array.from({ length: 1000 }, (_, n): GossipEvent => ({ ...FULL, peer: `peer ${n}` }))
  const later = function* (): Iterable<GossipEvent> {
    yield* many
    nowMs = 10_000
    yield FULL
  }
  expect(log(later() as unknown as readonly GossipEvent[], { nowMs: () => nowMs })).toEqual([
    'warn dropped: store-full',
    'warn dropped: store-full (999 more)'
  ])
})
