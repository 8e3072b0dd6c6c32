/**
 * Finds paths on which packets of full size vanish: the MTU of the way is smaller than both hosts believe, as in VPNs and
 * overlay networks. Small messages pass, a large one stops the whole connection, and the next connection the same.
 */

import type { Address } from '@rumormill/protocol'
import type { Pace } from './pace.ts'

/** What fits packets of any network in use, IPv6's smallest MTU of 1,280 included, was certainly not the cause. */
const LEAST_STUCK_BYTES = 600
/** A connection that ends at once is no sign: its process was killed. */
const LEAST_STALL_MS = 1500
/** A second connection that stops like the first within this time is no coincidence: in between, its handshake passed. */
const COINCIDENCE_MS = 60_000
/** No network in use has larger packets: where a write of this size has arrived, packets of every size do. */
const LARGEST_PACKET_BYTES = 9000
const FIRST_NARROW_MS = 10 * 60_000
const LONGEST_NARROW_MS = 60 * 60_000

/** What is known of a stream when it ends. */
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
  /** The one that was stuck longest ago comes first. */
  readonly #paths = new Map<Address, Path>()

  /** Of at most `maxPaths` something is noted. `found` is called when a path turns out to be narrow. */
  constructor(maxPaths: number, found: (address: Address, narrowMs: number) => void) {
    this.#maxPaths = maxPaths
    this.#found = found
  }

  /** Returns whether only small packets may be sent to `address` now. */
  isNarrow(address: Address, nowMs: number): boolean {
    const path = this.#paths.size === 0 ? undefined : this.#paths.get(address)
    return path !== undefined && nowMs < path.narrowUntilMs
  }

  /** An open connection to `address` has ended, though neither side wanted it to. */
  ended(address: Address, stream: StreamEnd, nowMs: number): void {
    const { unacknowledgedBytes, stalledSinceMs } = stream
    const stallMs = stalledSinceMs === 0 ? 0 : nowMs - stalledSinceMs
    if (unacknowledgedBytes < LEAST_STUCK_BYTES || stallMs < LEAST_STALL_MS) return
    // A connection that was opened before it was known.
    if (this.isNarrow(address, nowMs)) return
    // The peer froze, or the network failed: neither depends on the size of packets.
    if (hasCarriedAsMuch(stream)) return void this.#paths.delete(address)
    const { stuckAtMs, narrowUntilMs, narrowMs } = this.#paths.get(address) ?? {
      stuckAtMs: -Infinity,
      narrowUntilMs: -Infinity,
      narrowMs: 0
    }
    // Large packets were tried again, and vanish still.
    const isAgain = nowMs - narrowUntilMs < COINCIDENCE_MS
    const isNarrow = isAgain || nowMs - stuckAtMs < COINCIDENCE_MS
    const nextMs = isAgain ? Math.min(2 * narrowMs, LONGEST_NARROW_MS) : FIRST_NARROW_MS
    this.#paths.delete(address)
    this.#paths.set(address, {
      stuckAtMs: nowMs,
      narrowUntilMs: isNarrow ? nowMs + nextMs : narrowUntilMs,
      narrowMs: isNarrow ? nextMs : narrowMs
    })
    if (this.#paths.size > this.#maxPaths) this.#paths.delete(this.#paths.keys().next().value!)
    if (isNarrow) this.#found(address, nextMs)
  }
}

/** Returns whether writes have arrived that were as large as those that did not. */
function hasCarriedAsMuch({ largestArrivedBytes, largestUnderWayBytes }: StreamEnd): boolean {
  return largestArrivedBytes >= Math.min(largestUnderWayBytes, LARGEST_PACKET_BYTES)
}
