/** Limits reports of errors that unauthenticated peers can cause at any rate: one a second per code, with a count. */

import { GossipError, type GossipErrorCode } from '@rumormill/protocol/plugin'
import { withoutCode } from './endings.ts'

const BURST_MS = 1000

interface Burst {
  readonly sinceMs: number
  readonly last: GossipError | undefined
  /** Errors since the last report. */
  readonly count: number
}

export class Bursts {
  readonly #bursts = new Map<GossipErrorCode, Burst>()

  /** Returns the error if it is the first of its code; otherwise counts it and returns `undefined`. */
  first(error: GossipError, nowMs: number): GossipError | undefined {
    const burst = this.#bursts.get(error.code)
    const next =
      burst === undefined ? { sinceMs: nowMs, count: 0 } : { ...burst, count: burst.count + 1 }
    this.#bursts.set(error.code, { ...next, last: error })
    return burst === undefined ? error : undefined
  }

  /** Returns a report with a count for each code whose burst has lasted a second. */
  over(nowMs: number): GossipError[] {
    const reports: GossipError[] = []
    for (const [code, { sinceMs, last, count }] of this.#bursts) {
      if (nowMs - sinceMs < BURST_MS) continue
      this.#bursts.delete(code)
      if (count === 0) continue
      this.#bursts.set(code, { sinceMs: nowMs, last: undefined, count: 0 })
      reports.push(new GossipError(code, `${withoutCode(last!)} (${count} like it since the last)`))
    }
    return reports
  }
}
