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
      const { untold } = fields as { untold?: number }
      lines.push(`${level} ${message}${untold === undefined ? '' : ` (${untold} more)`}`)
    }
  const observe = logEvents({ debug: line('debug'), warn: line('warn') }, options)
  for (const event of events) observe(event)
  return lines
}

it('warns of what a person should see to, and murmurs about what happens every day', () => {
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

it('says nothing of traffic unless asked', () => {
  expect(log([SENT])).toEqual([])
  expect(log([SENT, SENT], { traffic: true })).toEqual(['debug sent', 'debug sent'])
})

it('tells the same once in an interval, with how often it came, whoever causes it', () => {
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
