/** Tracks peers with which exchanges of sketches fail, and decides how many rounds with each use lists instead. */

import { setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'

/** The most rounds by list before the next attempt. After failures in a row it is one round, then two, then four. */
const MOST_LISTS = 16

/** The most peers that are tracked; the one whose last failure is the oldest is forgotten first. */
const MAX_PEERS = 256

interface Failures {
  /** How often in a row its symbols did not decode. */
  readonly undecided: number
  /** How many of the next rounds with it use lists. */
  lists: number
}

const NONE: Readonly<Failures> = { undecided: 0, lists: 0 }

export class SketchFailures {
  /** The peer whose last failure is the oldest comes first. */
  readonly #ofPeers = new Map<Address, Failures>()

  /** How many peers are tracked. */
  get size(): number {
    return this.#ofPeers.size
  }

  /** Returns whether the round that starts now uses a list, and counts it. */
  takesList(peer: Address): boolean {
    const failures = this.#ofPeers.get(peer)
    if (failures === undefined || failures.lists === 0) return false
    failures.lists--
    return true
  }

  /** Uses a list once for a peer that has not answered: it may not support sketches. */
  unanswered(peer: Address): void {
    const { undecided } = this.#ofPeers.get(peer) ?? NONE
    setBounded(this.#ofPeers, peer, { undecided, lists: 1 }, MAX_PEERS)
  }

  /** Uses lists for some rounds with a peer whose symbols did not decode. */
  undecided(peer: Address): void {
    const undecided = 1 + (this.#ofPeers.get(peer) ?? NONE).undecided
    const lists = Math.min(MOST_LISTS, 2 ** (undecided - 1))
    setBounded(this.#ofPeers, peer, { undecided, lists }, MAX_PEERS)
  }

  /** Forgets the failures of `peer` after an exchange that succeeded. */
  succeeded(peer: Address): void {
    this.#ofPeers.delete(peer)
  }
}
