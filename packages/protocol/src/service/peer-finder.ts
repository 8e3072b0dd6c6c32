/** Asks the peer source: at start, again while nobody is known, after peers were lost, and now and then. */

import { GossipError, toGossipError } from '../errors.ts'
import type { MembershipConfig } from '../membership/config.ts'
import { isAddress, type Address } from '../peer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { PeerSource } from '../ports/peer-source.ts'
import { shuffle, type Rng } from '../random.ts'
import type { PeerFindingConfig } from './options.ts'

/** Sampling periods to the next question after the view has shrunk. A guess: soon, but not for each peer that leaves. */
const SHRUNK_PERIODS = 10

/** While nobody is known, the next question comes after a period, or this if it is shorter: a node alone has nothing better to do. */
const LONELY_INTERVAL_MS = 5000

/** The shortest time from one question to the next: sources may be somebody's server. */
const MIN_INTERVAL_MS = 1000

export interface PeerFinderOptions {
  readonly source: PeerSource
  readonly config: PeerFindingConfig
  readonly membership: MembershipConfig
  readonly clock: Clock
  readonly rng: Rng
  readonly observe: Observer
  readonly self: Address
  /** Takes the addresses found, at most a view of them. */
  readonly found: (addresses: readonly Address[]) => void
}

export class PeerFinder {
  readonly #options: PeerFinderOptions
  readonly #stopping = new AbortController()
  #asking = false
  #toldAlone = false
  #askedAtMs = -Infinity
  /** The largest view since the last question. */
  #largestView = 0
  #dueMs = -Infinity

  constructor(options: PeerFinderOptions) {
    this.#options = options
  }

  get isAsking(): boolean {
    return this.#asking
  }

  /** When `tick` is to be called next. */
  get dueMs(): number {
    return this.#asking ? Infinity : this.#dueMs
  }

  /** The view has so many entries now. */
  viewIs(size: number): void {
    const { membership, config } = this.#options
    this.#largestView = Math.max(this.#largestView, size)
    let intervalMs = config.intervalMs
    if (size === 0) intervalMs = Math.min(intervalMs, LONELY_INTERVAL_MS, membership.periodMs)
    else if (size < this.#largestView)
      intervalMs = Math.min(intervalMs, SHRUNK_PERIODS * membership.periodMs)
    this.#dueMs = this.#askedAtMs + Math.max(MIN_INTERVAL_MS, intervalMs)
  }

  /** Asks when due; early it does nothing. */
  tick(nowMs: number, viewSize: number): void {
    if (this.#asking || nowMs < this.#dueMs) return
    this.#asking = true
    this.#askedAtMs = nowMs
    this.#largestView = viewSize
    void this.#ask()
  }

  stop(): void {
    this.#stopping.abort(new GossipError('NOT_RUNNING', 'this node has stopped'))
  }

  async #ask(): Promise<void> {
    const { observe, found } = this.#options
    let addresses: Address[] = []
    try {
      addresses = this.#usable(await this.#answer())
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      observe({
        kind: 'failed',
        error: toGossipError(error, 'PEER_SOURCE_FAILED', 'asking the peer source')
      })
    }
    this.#asking = false
    if (!this.#stopping.signal.aborted) found(addresses)
  }

  /** The source's answer, or a rejection in time. A source that ignores its signal harms nobody. */
  #answer(): Promise<unknown> {
    const { source, clock, config } = this.#options
    const asking = new AbortController()
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown): void => {
        asking.abort(reason)
        reject(reason)
      }
      const onStop = (): void => {
        cancel()
        giveUp(this.#stopping.signal.reason)
      }
      const cancel = clock.wakeAt(clock.now() + config.timeoutMs, () => {
        giveUp(
          new GossipError(
            'PEER_SOURCE_FAILED',
            `no answer within peerFinding.timeoutMs (${config.timeoutMs} ms)`
          )
        )
      })
      this.#stopping.signal.addEventListener('abort', onStop, { once: true })
      const answer = new Promise<unknown>((answered) =>
        answered(source.peers({ signal: asking.signal }))
      )
      void answer.then(resolve, reject).finally(() => {
        cancel()
        this.#stopping.signal.removeEventListener('abort', onStop)
      })
    })
  }

  /** At most a view of addresses of others, picked at random; the rest is reported or left for another time. */
  #usable(answer: unknown): Address[] {
    const { self, observe, rng, membership } = this.#options
    if (!Array.isArray(answer))
      throw new GossipError('PEER_SOURCE_FAILED', 'the peer source gave no array of addresses')
    const others = answer.filter(
      (entry: unknown): entry is Address => isAddress(entry) && entry !== self
    )
    const hasRubbish = !answer.every((entry: unknown) => isAddress(entry))
    // A list that all nodes share names this one, too. Nothing but this one is worth a word, but not at every question.
    const isAlone = others.length === 0 && answer.length > 0 && !this.#toldAlone
    if (hasRubbish || isAlone) {
      this.#toldAlone = true
      const own = answer.includes(self) ? `, this node's own ${self} among them` : ''
      const message = `${answer.length - others.length} of ${answer.length} entries are not addresses of other nodes${own}; they are ignored`
      observe({ kind: 'failed', error: new GossipError('INVALID_PEER', message) })
    }
    shuffle(others, rng)
    return others.slice(0, membership.viewSize)
  }
}
