/** Back-off after failed dials: the pause before the next attempt grows with each failure. */

import { GossipError, toGossipError, type Address, type Rng } from '@rumormill/protocol/plugin'
import { setBounded } from './bounded-map.ts'
import { withoutCode } from './endings.ts'

interface Failures {
  readonly count: number
  readonly untilMs: number
  readonly cause: Error
}

export interface BackOffOptions {
  readonly firstBackOffMs: number
  readonly longestBackOffMs: number
  readonly backOffAddresses: number
  readonly rng: Rng
}

/** For this long after a connection was lost, a pause is at most {@link RETURN_MS}: the peer probably restarts. */
const RECENTLY_LOST_MS = 5 * 60_000
const RETURN_MS = 1000

const TURNED_AWAY_MS = 60_000

export class BackOff {
  readonly #options: BackOffOptions
  /** The time of the last lost connection by address, oldest first. */
  readonly #lostAtMs = new Map<Address, number>()
  /** Oldest failure first. */
  readonly #failures = new Map<Address, Failures>()

  constructor(options: BackOffOptions) {
    this.#options = options
  }

  /** Returns how long to wait before `address` may be dialled again, and why; `undefined` when it may be dialled now. */
  pause(address: Address, now: number): { waitMs: number; cause: Error } | undefined {
    const failures = this.#failures.get(address)
    if (failures === undefined || now >= failures.untilMs) return undefined
    return { waitMs: Math.ceil(failures.untilMs - now), cause: failures.cause }
  }

  /**
   * Returns the error for a dial of `address` during its pause, if there is one: UNREACHABLE, or PROTOCOL_MISMATCH when that
   * was the cause, so that one cause is not reported under two codes.
   */
  objection(address: Address, now: number): GossipError | undefined {
    const pause = this.pause(address, now)
    if (pause === undefined) return undefined
    const { waitMs, cause } = pause
    const error = toGossipError(cause, 'UNREACHABLE', 'it failed')
    const message = `backing off from ${address} for another ${waitMs} ms after a failure`
    return new GossipError(
      error.code === 'PROTOCOL_MISMATCH' ? error.code : 'UNREACHABLE',
      `${message}: ${withoutCode(error)}`,
      { cause }
    )
  }

  /** Starts a pause after a failed dial: a random 50 to 100 % of its length, so that nodes that lost one peer redial apart. */
  failed(address: Address, now: number, cause: Error): void {
    const { firstBackOffMs, longestBackOffMs, backOffAddresses, rng } = this.#options
    const count = Math.min((this.#failures.get(address)?.count ?? 0) + 1, 32)
    const longestMs = this.isReturning(address, now) ? RETURN_MS : longestBackOffMs
    const fullMs = Math.min(longestMs, longestBackOffMs, firstBackOffMs * 2 ** (count - 1))
    const untilMs = now + fullMs * (0.5 + rng.fraction() / 2)
    setBounded(this.#failures, address, { count, untilMs, cause }, backOffAddresses)
  }

  /** Starts a longer pause after the peer at `address` refused this node (`banned`, for example). */
  turnedAway(address: Address, now: number, cause: Error): void {
    const { backOffAddresses, rng } = this.#options
    const untilMs = now + TURNED_AWAY_MS * (0.5 + rng.fraction() / 2)
    this.#lostAtMs.delete(address)
    setBounded(this.#failures, address, { count: 1, untilMs, cause }, backOffAddresses)
  }

  /** Notes that the connection to `address` was lost, so that the next pauses are short. */
  lost(address: Address, now: number): void {
    setBounded(this.#lostAtMs, address, now, this.#options.backOffAddresses)
  }

  /** Returns whether `address` was lost in the last five minutes. */
  isReturning(address: Address, now: number): boolean {
    const lostAtMs = this.#lostAtMs.size === 0 ? undefined : this.#lostAtMs.get(address)
    return lostAtMs !== undefined && now - lostAtMs < RECENTLY_LOST_MS
  }

  /** Ends the back-off of `address`: its peer has sent something. */
  succeeded(address: Address): void {
    this.#failures.delete(address)
    this.#lostAtMs.delete(address)
  }
}
