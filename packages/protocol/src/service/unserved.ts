/** Updates of this node itself that no peer has fetched yet: what would be lost were it to stop now. */
import type { Clock } from '../ports/clock.ts'
import type { Digest } from '../update.ts'

/** How long a node waits before it stops: some rounds, so that who has missed the announcement comes to ask. */
export const GRACE_MS = 2000

/** The longest that timers count: beyond it they would fire at once. */
const MAX_WAIT_MS = 2 ** 31 - 1

export class Unserved {
  readonly #limit: number
  readonly #clock: Clock
  readonly #isActive: (digest: Digest) => boolean
  /** Oldest first. */
  readonly #digests = new Set<Digest>()
  /** Set while somebody waits. */
  #noneLeft: (() => void) | undefined

  /** Of more than `limit`, the oldest are forgotten. Those no longer active do not count: nobody would fetch them. */
  constructor(limit: number, clock: Clock, isActive: (digest: Digest) => boolean) {
    this.#limit = limit
    this.#clock = clock
    this.#isActive = isActive
  }

  get count(): number {
    let count = 0
    for (const digest of this.#digests) if (this.#isActive(digest)) count++
    return count
  }

  submitted(digest: Digest): void {
    this.#digests.add(digest)
    for (const oldest of this.#digests) {
      if (this.#digests.size <= this.#limit) break
      this.#digests.delete(oldest)
    }
  }

  /** The contents were handed to the network for a peer. */
  served(digests: readonly Digest[]): void {
    for (const digest of digests) this.#digests.delete(digest)
    if (this.#noneLeft !== undefined && this.count === 0) this.#noneLeft()
  }

  /** Resolves when none is left, or `limitMs` have passed. */
  wait(limitMs: number): Promise<void> {
    if (limitMs <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.wakeAt(this.#clock.now() + Math.min(limitMs, MAX_WAIT_MS), resolve)
      this.#noneLeft = () => {
        cancel()
        resolve()
      }
    })
  }
}
