/**
 * Own updates that no peer is known to have: what would be lost if this node stopped now.
 *
 * A message that the network took proves nothing: the peer may be busy, refuse the content or never get it; so may a peer
 * that has asked for it. What proves it is that a peer has processed the update: it named the digest, or a comparison of
 * sets shows it there.
 */

import type { Drop } from '../drop.ts'
import type { Digest, DigestKey } from '../update.ts'
import type { StoredUpdate, StoreWatcher } from './update-store.ts'

/** Of so many that have ended the digests are told; of those beyond, only how many there are. */
const MAX_ENDED = 1024

export class Unacknowledged {
  /** When each was submitted, as a count of submissions; the oldest comes first. Bounded, as all of them are active. */
  readonly #serials = new Map<DigestKey, number>()
  /** Those whose contents were sent to a peer that had asked for them. */
  readonly #answered = new Set<DigestKey>()
  /** Whether a request that was answered is evidence: the peer may have expired an update before it is asked for it. */
  readonly #trustsAnswers: boolean
  #submissions = 0
  /** How many had been submitted when a peer was last heard. */
  #heardSubmissions = 0
  /** Those that expired before any peer was heard, since they were last told, and how many there are beyond. */
  #ended: Digest[] = []
  #moreEnded = 0

  constructor(trustsAnswers: boolean = false) {
    this.#trustsAnswers = trustsAnswers
  }

  get count(): number {
    return this.#serials.size
  }

  /** How many of them no peer has been sent that asked for them. */
  get unanswered(): number {
    return this.#serials.size - this.#answered.size
  }

  /** Changes with every submission. See {@link hasAll}. */
  get mark(): number {
    return this.#submissions
  }

  has(key: DigestKey): boolean {
    return this.#serials.has(key)
  }

  /** Oldest first. */
  keys(): IterableIterator<DigestKey> {
    return this.#serials.keys()
  }

  submitted(key: DigestKey): void {
    this.#serials.set(key, ++this.#submissions)
  }

  /** A peer has the update behind `key`. */
  acknowledged(key: DigestKey): void {
    if (!this.#serials.delete(key)) return
    this.#answered.delete(key)
  }

  /** The content behind `key` was sent to a peer that had asked for it. */
  answered(key: DigestKey): void {
    if (this.#trustsAnswers) this.acknowledged(key)
    else if (this.#serials.has(key)) this.#answered.add(key)
  }

  /** Those that peers are to be told of: those without an answer, or all if there are none. Oldest first. */
  toAnnounce(): readonly DigestKey[] {
    const keys = [...this.#serials.keys()]
    return this.unanswered === 0 ? keys : keys.filter((key) => !this.#answered.has(key))
  }

  /** A peer has all that was active here at `mark`, but for those that it `lacks`. */
  hasAll(mark: number, lacks: (key: DigestKey) => boolean): void {
    for (const [key, serial] of this.#serials) {
      if (serial > mark) return
      if (!lacks(key)) this.acknowledged(key)
    }
  }

  /** A peer was heard: what expires from now on may have reached it, though nothing has shown that. */
  heard(): void {
    this.#heardSubmissions = this.#submissions
  }

  /** Tells of those that have expired since the last call, and that no peer was there for. */
  takeEnded(): Drop[] {
    const count = this.#ended.length + this.#moreEnded
    if (count === 0) return []
    const digests = this.#ended
    this.#ended = []
    this.#moreEnded = 0
    return [{ kind: 'dropped', reason: 'unacknowledged', count, digests }]
  }

  /** A watcher that leaves out what expires, since no peer would fetch it, and passes everything on to `watcher`. */
  watching(watcher: StoreWatcher | undefined): StoreWatcher {
    return {
      accepted: (stored: StoredUpdate) => watcher?.accepted(stored),
      expired: (stored: StoredUpdate) => {
        this.#expired(stored)
        watcher?.expired(stored)
      },
      gone: (stored: StoredUpdate) => watcher?.gone(stored)
    }
  }

  #expired({ key, digest }: StoredUpdate): void {
    const serial = this.#serials.get(key)
    if (serial === undefined) return
    this.acknowledged(key)
    if (serial <= this.#heardSubmissions) return
    if (this.#ended.length < MAX_ENDED) this.#ended.push(digest)
    else this.#moreEnded++
  }
}
