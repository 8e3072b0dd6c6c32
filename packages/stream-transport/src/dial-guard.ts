/**
 * Limits the rate of dials per host. Peers report addresses, and false ones could aim a whole group at any host: so a host
 * on which no member has answered yet is dialled at most twice a second, on whatever ports.
 */

import { GossipError } from '@rumormill/protocol/plugin'

/** The time between two dials to such a host. */
const SPACING_MS = 500

/** How many dials may follow each other at once after a pause. */
const BURST = 2

/** How many dials may wait for their turn at one host. Further ones are refused. */
const MAX_WAITING = 8

interface Host {
  /** When the last dial was due, or will be. */
  dueMs: number
  /** The waiting dials, and the host of each: several hosts may be counted as one. */
  readonly waiting: Map<() => void, string>
}

export class DialGuard {
  readonly #maxHosts: number
  readonly #crowdOf: (host: string) => string
  /** Hosts on which a member has answered, and all others. In both the least recently used comes first. */
  readonly #proved = new Set<string>()
  readonly #unproved = new Map<string, Host>()

  /**
   * Remembers `maxHosts` hosts of either kind. Hosts with the same `crowdOf` count as one until a member has answered on them,
   * because any number of host names may lead to one host.
   */
  constructor(maxHosts: number, crowdOf: (host: string) => string = (host) => host) {
    this.#maxHosts = maxHosts
    this.#crowdOf = crowdOf
  }

  /**
   * Calls `go` when `host` may be dialled: now, or later from `release` or `proved`. Returns a function that cancels the wait.
   * When too many dials wait, returns `undefined` and never calls `go`.
   */
  enter(host: string, nowMs: number, go: () => void): (() => void) | undefined {
    const state = this.#proved.has(host) ? undefined : this.#stateOf(this.#crowdOf(host), nowMs)
    if (state !== undefined && (state.waiting.size > 0 || !takeTurn(state, nowMs))) {
      if (state.waiting.size >= MAX_WAITING) return undefined
      state.waiting.set(go, host)
      return () => state.waiting.delete(go)
    }
    go()
    return () => {}
  }

  /** Resolves when `host` may be dialled. Rejects with UNREACHABLE when too many dials wait, or with the reason of `signal`. */
  turn(host: string, nowMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const abort = (): void => {
        giveUp?.()
        reject(signal.reason as Error)
      }
      const giveUp = this.enter(host, nowMs, () => {
        signal.removeEventListener('abort', abort)
        resolve()
      })
      if (giveUp === undefined) reject(unprovedHostError(host))
      else signal.addEventListener('abort', abort, { once: true })
    })
  }

  /** Whether a dial waits, so that {@link release} must be called soon. */
  get hasWaiting(): boolean {
    for (const { waiting } of this.#unproved.values()) if (waiting.size > 0) return true
    return false
  }

  /** Starts the waiting dials that are due. Must be called at least twice a second. */
  release(nowMs: number): void {
    for (const state of this.#unproved.values()) {
      for (const go of state.waiting.keys()) {
        if (!takeTurn(state, nowMs)) break
        state.waiting.delete(go)
        go()
      }
    }
  }

  /** Notes that a member has answered on `host`, and starts all dials that wait for it. */
  proved(host: string): void {
    this.#proved.delete(host)
    this.#proved.add(host)
    if (this.#proved.size > this.#maxHosts) this.#proved.delete(this.#proved.values().next().value!)
    const crowd = this.#crowdOf(host)
    const state = this.#unproved.get(crowd)
    if (state === undefined) return
    if (crowd === host) this.#unproved.delete(host)
    for (const [go, its] of state.waiting) {
      if (its !== host) continue
      state.waiting.delete(go)
      go()
    }
  }

  #stateOf(host: string, nowMs: number): Host {
    const existing = this.#unproved.get(host)
    if (existing !== undefined) return existing
    const state: Host = { dueMs: nowMs - BURST * SPACING_MS, waiting: new Map() }
    this.#unproved.set(host, state)
    if (this.#unproved.size > this.#maxHosts) this.#forgetOne()
    return state
  }

  /** Forgets the first host without waiting dials; if all have some, the first host, whose dials then never start. */
  #forgetOne(): void {
    for (const [host, { waiting }] of this.#unproved) {
      if (waiting.size > 0) continue
      this.#unproved.delete(host)
      return
    }
    this.#unproved.delete(this.#unproved.keys().next().value!)
  }
}

/** Returns the error for a dial that is refused because too many wait for their turn at `host`. */
export function unprovedHostError(host: string): GossipError {
  const why = 'no member has answered on that host yet, and too many dials to it already wait'
  return new GossipError('UNREACHABLE', `${host} is not dialled now: ${why}`)
}

function takeTurn(state: Host, nowMs: number): boolean {
  const dueMs = Math.max(state.dueMs, nowMs - BURST * SPACING_MS) + SPACING_MS
  if (dueMs > nowMs) return false
  state.dueMs = dueMs
  return true
}
