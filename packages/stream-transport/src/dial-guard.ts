/**
 * Dials by host. Addresses come from what others say, and a group that believed it could be turned against anybody: so a
 * host on which no member has answered yet is dialled twice a second, whatever ports are named.
 */

import { GossipError } from '@rumormill/protocol'

/** Between two dials to such a host. */
const SPACING_MS = 500

/** So many dials may follow at once on a pause. */
const BURST = 2

/** How many dials wait for their turn at one host. Beyond, they are refused. */
const MAX_WAITING = 8

interface Host {
  /** When the last dial was, or will be, due by the spacing. */
  dueMs: number
  /** Which host each waits for: one may be counted with others. */
  readonly waiting: Map<() => void, string>
}

export class DialGuard {
  readonly #maxHosts: number
  readonly #crowdOf: (host: string) => string
  /** Those on which a member has answered. The one that answered longest ago comes first, in both. */
  readonly #proved = new Set<string>()
  readonly #unproved = new Map<string, Host>()

  /**
   * Remembers `maxHosts` hosts of either kind. Hosts of one `crowdOf` count as one until a member has answered on them: where
   * hosts are names, any number of them may stand for the same.
   */
  constructor(maxHosts: number, crowdOf: (host: string) => string = (host) => host) {
    this.#maxHosts = maxHosts
    this.#crowdOf = crowdOf
  }

  /**
   * Calls `go` when `host` may be dialled: now, or from `release` or `proved`. Returns how to give up the wait; `undefined` when too
   * many wait, and then `go` is never called.
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

  /** Resolves when `host` may be dialled. Rejects with UNREACHABLE when too many wait, and with the reason of `signal`. */
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

  /** Lets those go whose turn it is. To be called at least twice a second. */
  release(nowMs: number): void {
    for (const state of this.#unproved.values()) {
      for (const go of state.waiting.keys()) {
        if (!takeTurn(state, nowMs)) break
        state.waiting.delete(go)
        go()
      }
    }
  }

  /** A member has answered on `host`. */
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
    const known = this.#unproved.get(host)
    if (known !== undefined) return known
    const state: Host = { dueMs: nowMs - BURST * SPACING_MS, waiting: new Map() }
    this.#unproved.set(host, state)
    if (this.#unproved.size > this.#maxHosts) this.#forgetOne()
    return state
  }

  /** One for which nothing waits, the first of them; else the first, whose dials are given up. */
  #forgetOne(): void {
    for (const [host, { waiting }] of this.#unproved) {
      if (waiting.size > 0) continue
      this.#unproved.delete(host)
      return
    }
    this.#unproved.delete(this.#unproved.keys().next().value!)
  }
}

/** Too many wait for their turn at `host`. */
export function unprovedHostError(host: string): GossipError {
  const why = 'no member has answered on that host yet, and others wait for their turn'
  return new GossipError('UNREACHABLE', `${host} is not dialled now: ${why}`)
}

function takeTurn(state: Host, nowMs: number): boolean {
  const dueMs = Math.max(state.dueMs, nowMs - BURST * SPACING_MS) + SPACING_MS
  if (dueMs > nowMs) return false
  state.dueMs = dueMs
  return true
}
