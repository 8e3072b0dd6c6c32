/** Peers with which exchanges of sketches do not work out, and how many rounds with each go by list instead. */

import type { Address } from '../peer.ts'

/** One whose symbols told nothing gets one list more, then two, four, and at most so many before the next attempt. */
const MOST_LISTS = 16

/** How many peers are remembered; beyond, the one whose last failure is the oldest is forgotten. */
const MAX_PEERS = 256

interface Failures {
  /** How often in a row its symbols told nothing. */
  readonly undecided: number
  /** How many rounds with it go by list. */
  lists: number
}

const NONE: Readonly<Failures> = { undecided: 0, lists: 0 }

export class SketchFailures {
  /** The peer whose last failure is the oldest comes first. */
  readonly #ofPeers = new Map<Address, Failures>()

  /** How many peers are remembered. */
  get size(): number {
    return this.#ofPeers.size
  }

  /** Returns whether the round with `peer` that begins now goes by list, and counts that round. */
  takesList(peer: Address): boolean {
    const failures = this.#ofPeers.get(peer)
    if (failures === undefined || failures.lists === 0) return false
    failures.lists--
    return true
  }

  /** `peer` has not answered, however often it was asked: it may know no sketches, and gets one list. */
  unanswered(peer: Address): void {
    const { undecided } = this.#ofPeers.get(peer) ?? NONE
    this.#remember(peer, { undecided, lists: 1 })
  }

  /** What `peer` has answered does not tell the difference. */
  undecided(peer: Address): void {
    const undecided = 1 + (this.#ofPeers.get(peer) ?? NONE).undecided
    const lists = Math.min(MOST_LISTS, 2 ** (undecided - 1))
    this.#remember(peer, { undecided, lists })
  }

  /** An exchange with `peer` has worked out. */
  succeeded(peer: Address): void {
    this.#ofPeers.delete(peer)
  }

  #remember(peer: Address, failures: Failures): void {
    this.#ofPeers.delete(peer)
    this.#ofPeers.set(peer, failures)
    if (this.#ofPeers.size > MAX_PEERS) this.#ofPeers.delete(this.#ofPeers.keys().next().value!)
  }
}
