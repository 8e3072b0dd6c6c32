/** Queries the peer source: at the start, while no peer is known, after peers were lost, and at intervals. */

import type { MembershipConfig } from '../membership/config.ts'
import { GossipError, toGossipError } from '../model/errors.ts'
import { isAddress, type Address } from '../model/peer.ts'
import { shuffle, type Rng } from '../model/random.ts'
import { Deadlines } from '../options/deadlines.ts'
import type { PeerFindingConfig } from '../options/options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { PeerSource } from '../ports/peer-source.ts'

/** Membership periods until the next query after the view has shrunk. A guess: soon, but not for each peer that leaves. */
const SHRUNK_PERIODS = 10

/** The longest interval between queries while no peer is known; a membership period if that is shorter. */
const LONELY_INTERVAL_MS = 5000

/** The shortest interval between queries, to limit the load on servers behind peer sources. */
const MIN_INTERVAL_MS = 1000

export interface PeerFinderOptions {
  readonly source: PeerSource
  readonly config: PeerFindingConfig
  readonly membership: MembershipConfig
  readonly clock: Clock
  readonly rng: Rng
  readonly observe: Observer
  readonly self: Address
  /** Is called with the addresses found, at most as many as the view holds. */
  readonly found: (addresses: readonly Address[]) => void
}

export class PeerFinder {
  readonly #options: PeerFinderOptions
  readonly #deadlines: Deadlines
  #query = new AbortController()
  #querying = false
  #stopped = false
  #hasReportedAlone = false
  #queriedAtMs = -Infinity
  /** The largest view size since the last query. */
  #largestView = 0
  #dueMs = -Infinity

  constructor(options: PeerFinderOptions) {
    this.#options = options
    this.#deadlines = new Deadlines(options.clock)
  }

  get isQuerying(): boolean {
    return this.#querying
  }

  /** When `tick` must be called next. */
  get dueMs(): number {
    return this.#querying ? Infinity : this.#dueMs
  }

  /** Sets the time of the next query for the present view size. */
  setViewSize(size: number): void {
    const { membership, config } = this.#options
    this.#largestView = Math.max(this.#largestView, size)
    let intervalMs = config.intervalMs
    if (size === 0) intervalMs = Math.min(intervalMs, LONELY_INTERVAL_MS, membership.periodMs)
    else if (size < this.#largestView)
      intervalMs = Math.min(intervalMs, SHRUNK_PERIODS * membership.periodMs)
    this.#dueMs = this.#queriedAtMs + Math.max(MIN_INTERVAL_MS, intervalMs)
  }

  /** Queries the source when due. Does nothing before `dueMs`. */
  tick(nowMs: number, viewSize: number): void {
    if (this.#querying || nowMs < this.#dueMs) return
    this.#querying = true
    this.#queriedAtMs = nowMs
    this.#largestView = viewSize
    void this.#find()
  }

  stop(): void {
    const error = new GossipError('NOT_RUNNING', 'this node has stopped')
    this.#stopped = true
    if (this.#querying) this.#query.abort(error)
    this.#deadlines.end(error)
  }

  async #find(): Promise<void> {
    const { observe, found } = this.#options
    let addresses: Address[] = []
    try {
      addresses = this.#usable(await this.#answer())
    } catch (error) {
      if (this.#stopped) return
      observe({
        kind: 'failed',
        error: toGossipError(error, 'PEER_SOURCE_FAILED', 'asking the peer source')
      })
    }
    this.#querying = false
    if (!this.#stopped) found(addresses)
  }

  /** Resolves with the source's answer, or rejects after the timeout, even if the source ignores its signal. */
  #answer(): Promise<unknown> {
    const { source, config } = this.#options
    const { timeoutMs } = config
    const query = new AbortController()
    this.#query = query
    const ask = (): unknown => source.peers({ signal: query.signal })
    return this.#deadlines.run(timeoutMs, ask, () => {
      const late = `no answer within peerFinding.timeoutMs (${timeoutMs} ms)`
      const error = new GossipError('PEER_SOURCE_FAILED', late)
      query.abort(error)
      return error
    })
  }

  /** Returns random addresses of other nodes, at most as many as the view holds. Reports entries that are not addresses. */
  #usable(answer: unknown): Address[] {
    const { self, observe, rng, membership } = this.#options
    if (!Array.isArray(answer))
      throw new GossipError('PEER_SOURCE_FAILED', 'the peer source gave no array of addresses')
    const others = answer.filter(
      (entry: unknown): entry is Address => isAddress(entry) && entry !== self
    )
    const hasInvalid = !answer.every((entry: unknown) => isAddress(entry))
    // A list that all nodes share has the own address, too. A list without any other is reported once.
    const isAlone = others.length === 0 && answer.length > 0 && !this.#hasReportedAlone
    if (hasInvalid || isAlone) {
      this.#hasReportedAlone = true
      const own = answer.includes(self) ? `, this node's own ${self} among them` : ''
      const message = `${answer.length - others.length} of ${answer.length} entries are not addresses of other nodes${own}; they are ignored`
      observe({ kind: 'failed', error: new GossipError('INVALID_PEER', message) })
    }
    shuffle(others, rng)
    return others.slice(0, membership.viewSize)
  }
}
