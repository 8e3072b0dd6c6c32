/** Deadlines: all of them in one place, and one timer for all connections. */

import { startSweep } from '@rumormill/stream-transport'
import type { TcpDeadlines } from './config.ts'

/** Where a connection stands; `closed` is final. */
export type ConnectionState = 'connecting' | 'greeting' | 'open' | 'closed'

/** What a connection notes about itself, in milliseconds of {@link nowMs}; 0 stands for "not now". */
export interface ConnectionTimes {
  readonly state: ConnectionState
  /** When it entered `connecting` or `greeting`. */
  readonly sinceMs: number
  /** Since when the message that is half received makes no progress. */
  readonly partialSinceMs: number
  /** When the write now pending began. */
  readonly writeBegunMs: number
  /** Since when the peer acknowledges nothing of what was sent, though it was asked. */
  readonly stalledSinceMs: number
  /** When a frame last went either way. */
  readonly lastUsedMs: number
  /** Whether it is kept though nobody uses it. */
  readonly watched: boolean
  /** For the host to accept, if that is shorter than the deadline. */
  readonly connectMs: number
}

export type Breach = 'connect-late' | 'hello-late' | 'frame-late' | 'write-late' | 'idle'

/** Monotonic milliseconds, never 0. */
export function nowMs(): number {
  return performance.now()
}

/** The deadline that the connection has broken, if any. */
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

/** Calls `check` often enough for `deadlines`, until the returned function is called. Does not keep the process alive. */
export function sweepFor(deadlines: TcpDeadlines, check: (now: number) => void): () => void {
  const { connectMs, helloMs, frameMs, writeMs, idleMs, silentMs, answerMs } = deadlines
  const shortestMs = Math.min(connectMs, helloMs, frameMs, writeMs, idleMs, silentMs, answerMs)
  const periodMs = Math.min(500, Math.max(5, shortestMs / 8))
  return startSweep(periodMs, check)
}
