/** Errors that strangers can cause at any rate are told once a second, with how many there were. */

import { GossipError, type GossipErrorCode } from '@rumormill/protocol'
import { withoutCode } from './endings.ts'

const BURST_MS = 1000

interface Burst {
  readonly sinceMs: number
  readonly last: GossipError | undefined
  /** Since the last that was told. */
  readonly count: number
}

export class Bursts {
  readonly #bursts = new Map<GossipErrorCode, Burst>()

  /** The error, if it is the first of its code; `undefined` when it is one of many and only counted. */
  first(error: GossipError, nowMs: number): GossipError | undefined {
    const burst = this.#bursts.get(error.code)
    const next =
      burst === undefined ? { sinceMs: nowMs, count: 0 } : { ...burst, count: burst.count + 1 }
    this.#bursts.set(error.code, { ...next, last: error })
    return burst === undefined ? error : undefined
  }

  /** What is to be told of bursts that have lasted a second. */
  over(nowMs: number): GossipError[] {
    const told: GossipError[] = []
    for (const [code, { sinceMs, last, count }] of this.#bursts) {
      if (nowMs - sinceMs < BURST_MS) continue
      this.#bursts.delete(code)
      if (count === 0) continue
      this.#bursts.set(code, { sinceMs: nowMs, last: undefined, count: 0 })
      told.push(new GossipError(code, `${withoutCode(last!)} (${count} like it since the last)`))
    }
    return told
  }
}
