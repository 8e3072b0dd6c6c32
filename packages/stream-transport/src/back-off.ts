/** Back-off: an address that did not answer is not tried for a while, longer each time. */

import { GossipError, toGossipError, type Address, type Rng } from '@rumormill/protocol'
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

/** Who was lost less than so long ago is tried again after {@link RETURN_MS} at most. */
const LATELY_MS = 5 * 60_000
const RETURN_MS = 1000

const TURNED_AWAY_MS = 60_000

export class BackOff {
  readonly #options: BackOffOptions
  /** When connections to them were lost, the first first. */
  readonly #lostAtMs = new Map<Address, number>()
  /** Oldest failure first. */
  readonly #failures = new Map<Address, Failures>()

  constructor(options: BackOffOptions) {
    this.#options = options
  }

  /** What to wait for before `address` is tried again; undefined when it may be tried now. */
  pause(address: Address, now: number): { waitMs: number; cause: Error } | undefined {
    const failures = this.#failures.get(address)
    if (failures === undefined || now >= failures.untilMs) return undefined
    return { waitMs: Math.ceil(failures.untilMs - now), cause: failures.cause }
  }

  /**
   * Returns why `address` must not be tried now, if so: UNREACHABLE, or PROTOCOL_MISMATCH again, so that one cause is not
   * reported under two codes.
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

  /** The pause is drawn from half to all of its length, so that nodes that lost one peer do not return in step. */
  failed(address: Address, now: number, cause: Error): void {
    const { firstBackOffMs, longestBackOffMs, backOffAddresses, rng } = this.#options
    const count = Math.min((this.#failures.get(address)?.count ?? 0) + 1, 32)
    const longestMs = this.isReturning(address, now) ? RETURN_MS : longestBackOffMs
    const fullMs = Math.min(longestMs, longestBackOffMs, firstBackOffMs * 2 ** (count - 1))
    this.#failures.delete(address)
    this.#failures.set(address, {
      count,
      untilMs: now + fullMs * (0.5 + rng.fraction() / 2),
      cause
    })
    trim(this.#failures, backOffAddresses)
  }

  /** `address` does not deal with this node. It will hardly have changed its mind in a moment. */
  turnedAway(address: Address, now: number, cause: Error): void {
    const untilMs = now + TURNED_AWAY_MS * (0.5 + this.#options.rng.fraction() / 2)
    this.#lostAtMs.delete(address)
    this.#failures.delete(address)
    this.#failures.set(address, { count: 1, untilMs, cause })
    trim(this.#failures, this.#options.backOffAddresses)
  }

  /** The connection to `address` was lost. It is likely to be back soon. */
  lost(address: Address, now: number): void {
    this.#lostAtMs.delete(address)
    this.#lostAtMs.set(address, now)
    trim(this.#lostAtMs, this.#options.backOffAddresses)
  }

  /** Whether `address` was lost lately, so that each attempt may be a short one. */
  isReturning(address: Address, now: number): boolean {
    const lostAtMs = this.#lostAtMs.size === 0 ? undefined : this.#lostAtMs.get(address)
    return lostAtMs !== undefined && now - lostAtMs < LATELY_MS
  }

  /** `address` has spoken. */
  succeeded(address: Address): void {
    this.#failures.delete(address)
    this.#lostAtMs.delete(address)
  }
}

function trim(map: Map<Address, unknown>, most: number): void {
  if (map.size > most) map.delete(map.keys().next().value!)
}
