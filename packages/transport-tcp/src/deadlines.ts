/** The deadlines of connections, and the one timer that checks them. */

import { Sweep } from '@rumormill/stream-transport'
import type { TcpDeadlines } from './config.ts'

/** The phase of a connection; `closed` is final. */
export type ConnectionState = 'connecting' | 'greeting' | 'open' | 'closed'

/** The times of a connection that deadlines depend on, in milliseconds of {@link nowMs}; 0 means that none applies. */
export interface ConnectionTimes {
  readonly state: ConnectionState
  /** When it entered `connecting` or `greeting`. */
  readonly sinceMs: number
  /** When the half-received message last made progress. */
  readonly partialSinceMs: number
  /** When the pending write began. */
  readonly writeBegunMs: number
  /** When the peer last acknowledged sent bytes, while a pong is due. */
  readonly stalledSinceMs: number
  /** When the last message was sent or received. */
  readonly lastUsedMs: number
  /** Whether it stays open when it is idle. */
  readonly watched: boolean
  /** The time for the host to accept, if shorter than the deadline `connectMs`. */
  readonly connectMs: number
}

export type Breach = 'connect-late' | 'hello-late' | 'frame-late' | 'write-late' | 'idle'

/** Returns monotonic milliseconds, never 0. */
export function nowMs(): number {
  return performance.now()
}

/** Returns the deadline that has passed, if any. */
export function overdue(
  times: ConnectionTimes,
  deadlines: TcpDeadlines,
  now: number
): Breach | undefined {
  const passed = (sinceMs: number, limitMs: number): boolean =>
    sinceMs > 0 && now - sinceMs >= limitMs
  if (times.state === 'connecting')
    return passed(times.sinceMs, Math.min(times.connectMs, deadlines.connectMs))
      ? 'connect-late'
      : undefined
  if (times.state === 'greeting')
    return passed(times.sinceMs, deadlines.helloMs) ? 'hello-late' : undefined
  if (passed(times.partialSinceMs, deadlines.frameMs)) return 'frame-late'
  if (passed(times.writeBegunMs, deadlines.writeMs)) return 'write-late'
  if (passed(times.stalledSinceMs, deadlines.writeMs)) return 'write-late'
  return !times.watched && passed(times.lastUsedMs, deadlines.idleMs) ? 'idle' : undefined
}

/** Returns a sweep that checks often enough for `deadlines`. */
export function sweepFor(deadlines: TcpDeadlines, check: (now: number) => number): Sweep {
  const { connectMs, helloMs, frameMs, writeMs, idleMs, silentMs, answerMs } = deadlines
  const shortestMs = Math.min(connectMs, helloMs, frameMs, writeMs, idleMs, silentMs, answerMs)
  const periodMs = Math.min(500, Math.max(5, shortestMs / 8))
  return new Sweep(periodMs, check)
}
