/**
 * Tracks own updates that no peer is known to have: they would be lost if this node stopped now.
 *
 * A message that the network took is no proof, even if the peer had requested the content: the message may be lost, or the
 * peer may refuse the content. The proof is that the peer names the digest, or that a comparison of sets shows the update
 * there.
 */

import type { Drop } from '../model/drop.ts'
import type { DigestKey } from '../model/update.ts'
import type { StoredUpdate, StoreWatcher } from './update-store.ts'

/** The most expired updates that are reported by digest; further ones are only counted. */
const MAX_ENDED = 1024

export class Unacknowledged implements StoreWatcher {
  /** The serial number of each submission, oldest first. Bounded, because all of them are active. */
  readonly #serials = new Map<DigestKey, number>()
  /** Updates whose contents were sent to a peer that had requested them. */
  readonly #answered = new Set<DigestKey>()
  /** Whether an answered request counts as proof, because a peer may expire the update before it names the digest. */
  readonly #trustsAnswers: boolean
  #submissions = 0
  /** The number of submissions when the last message of a peer arrived. */
  #submissionsAtLastMessage = 0
  /**
   * Updates that expired before a message of any peer arrived, and were not reported yet; and how many more there are than
   * {@link MAX_ENDED}.
   */
  #ended: DigestKey[] = []
  #moreEnded = 0

  constructor(trustsAnswers: boolean = false) {
    this.#trustsAnswers = trustsAnswers
  }

  get count(): number {
    return this.#serials.size
  }

  /** How many of them were not sent to a peer that had requested them. */
  get unanswered(): number {
    return this.#serials.size - this.#answered.size
  }

  /** The number of submissions so far. See {@link hasAll}. */
  get mark(): number {
    return this.#submissions
  }

  has(key: DigestKey): boolean {
    return this.#serials.has(key)
  }

  /** Returns the keys, oldest first. */
  keys(): IterableIterator<DigestKey> {
    return this.#serials.keys()
  }

  submitted(key: DigestKey): void {
    this.#serials.set(key, ++this.#submissions)
  }

  /** Removes an update that a peer is now known to have. */
  acknowledged(key: DigestKey): void {
    if (!this.#serials.delete(key)) return
    this.#answered.delete(key)
  }

  /** Notes that a content was sent to a peer that had requested it. */
  answered(key: DigestKey): void {
    if (this.#trustsAnswers) this.acknowledged(key)
    else if (this.#serials.has(key)) this.#answered.add(key)
  }

  /** Returns the updates to announce, oldest first: those that were not sent on request, or all if each was. */
  toAnnounce(): readonly DigestKey[] {
    const keys = [...this.#serials.keys()]
    return this.unanswered === 0 ? keys : keys.filter((key) => !this.#answered.has(key))
  }

  /** Removes what a peer is known to have: all that was active here at `mark`, except what it `lacks`. */
  hasAll(mark: number, lacks: (key: DigestKey) => boolean): void {
    for (const [key, serial] of this.#serials) {
      if (serial > mark) return
      if (!lacks(key)) this.acknowledged(key)
    }
  }

  /** Notes that a message of a peer arrived: the updates submitted before may have reached it, though there is no proof. */
  messageReceived(): void {
    this.#submissionsAtLastMessage = this.#submissions
  }

  /** Returns a drop for the updates that have expired since the last call before any message arrived; empty if none. */
  takeEnded(): Drop[] {
    const count = this.#ended.length + this.#moreEnded
    if (count === 0) return []
    const keys = this.#ended
    this.#ended = []
    this.#moreEnded = 0
    return [{ kind: 'dropped', reason: 'unacknowledged', count, keys }]
  }

  /** Removes an expired update, because no peer would fetch it. */
  expired({ key }: StoredUpdate): void {
    const serial = this.#serials.get(key)
    if (serial === undefined) return
    this.acknowledged(key)
    if (serial <= this.#submissionsAtLastMessage) return
    if (this.#ended.length < MAX_ENDED) this.#ended.push(key)
    else this.#moreEnded++
  }
}
