/**
 * Detects paths on which full-size packets are lost: their MTU is smaller than both hosts assume, as happens in VPNs and
 * overlay networks. Small messages arrive, but a large one blocks the whole connection, and then the next connection.
 */

import type { Address } from '@rumormill/protocol/plugin'
import { setBounded } from './bounded-map.ts'
import type { Pace } from './pace.ts'

/** Less than this fits a packet of any network in use (the smallest MTU of IPv6 is 1,280), so the size is not the cause. */
const LEAST_STUCK_BYTES = 600
/** A connection that stalled for less than this proves nothing: the peer's process may have been killed. */
const LEAST_STALL_MS = 1500
/**
 * Two connections that stall within this time show a narrow path: the small packets of the second one's handshake arrived
 * in between.
 */
const COINCIDENCE_MS = 60_000
/** The largest packet size in use: where a write of this size has arrived, packets of every size arrive. */
const LARGEST_PACKET_BYTES = 9000
const FIRST_NARROW_MS = 10 * 60_000
const LONGEST_NARROW_MS = 60 * 60_000

/** The state of a stream when it ends. */
export type StreamEnd = Pick<
  Pace,
  'unacknowledgedBytes' | 'stalledSinceMs' | 'largestArrivedBytes' | 'largestUnderWayBytes'
>

interface Path {
  stuckAtMs: number
  narrowUntilMs: number
  narrowMs: number
}

export class NarrowPaths {
  readonly #maxPaths: number
  readonly #found: (address: Address, narrowMs: number) => void
  /** The path that stalled longest ago comes first. */
  readonly #paths = new Map<Address, Path>()

  /** Remembers at most `maxPaths` paths. Calls `found` when a path turns out to be narrow. */
  constructor(maxPaths: number, found: (address: Address, narrowMs: number) => void) {
    this.#maxPaths = maxPaths
    this.#found = found
  }

  /** Returns whether only small packets may be sent to `address` now. */
  isNarrow(address: Address, nowMs: number): boolean {
    const path = this.#paths.size === 0 ? undefined : this.#paths.get(address)
    return path !== undefined && nowMs < path.narrowUntilMs
  }

  /** Notes that an open connection to `address` ended though neither side closed it. */
  ended(address: Address, stream: StreamEnd, nowMs: number): void {
    const { unacknowledgedBytes, stalledSinceMs } = stream
    const stallMs = stalledSinceMs === 0 ? 0 : nowMs - stalledSinceMs
    if (unacknowledgedBytes < LEAST_STUCK_BYTES || stallMs < LEAST_STALL_MS) return
    // The connection was opened before the path was found to be narrow.
    if (this.isNarrow(address, nowMs)) return
    // Writes as large have arrived: the peer froze, or the network failed.
    if (hasCarriedAsMuch(stream)) return void this.#paths.delete(address)
    const { stuckAtMs, narrowUntilMs, narrowMs } = this.#paths.get(address) ?? {
      stuckAtMs: -Infinity,
      narrowUntilMs: -Infinity,
      narrowMs: 0
    }
    // Large packets were tried again, and are still lost.
    const isAgain = nowMs - narrowUntilMs < COINCIDENCE_MS
    const isNarrow = isAgain || nowMs - stuckAtMs < COINCIDENCE_MS
    const nextMs = isAgain ? Math.min(2 * narrowMs, LONGEST_NARROW_MS) : FIRST_NARROW_MS
    const path = {
      stuckAtMs: nowMs,
      narrowUntilMs: isNarrow ? nowMs + nextMs : narrowUntilMs,
      narrowMs: isNarrow ? nextMs : narrowMs
    }
    setBounded(this.#paths, address, path, this.#maxPaths)
    if (isNarrow) this.#found(address, nextMs)
  }
}

/** Returns whether a write as large as the largest unacknowledged one has arrived. */
function hasCarriedAsMuch({ largestArrivedBytes, largestUnderWayBytes }: StreamEnd): boolean {
  return largestArrivedBytes >= Math.min(largestUnderWayBytes, LARGEST_PACKET_BYTES)
}
