/**
 * Eager push: contents go down the tree of their submitter. A tree grows where contents are fetched, and loses the branches
 * by which contents come twice (GRAFT and PRUNE of Plumtree).
 */

import type { Message, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import {
  countDigests,
  digestKey,
  packKeys,
  type DigestBlock,
  type DigestKey
} from '../model/update.ts'
import { Bundles, type EagerUpdate } from './bundles.ts'
import { addPeer, type SeenBy } from './seen-by.ts'
import { TREE_MS, Trees } from './trees.ts'

/** Contents of at most this size cost no more than their digests would. */
const SMALL_BYTES = 64

/** What one eager push brought. */
interface Arrived {
  readonly taken: readonly DigestKey[]
  readonly duplicates: readonly DigestKey[]
  readonly refused: readonly DigestKey[]
}

export interface EagerPushParts {
  readonly seenBy: SeenBy
  readonly neighbors: (nowMs: number) => readonly Address[]
  /** The number of the tree of this node's own updates. */
  readonly ownTree: number
  readonly degree: number
  readonly maxBatchBytes: number
}

export class EagerPush {
  readonly #parts: EagerPushParts
  readonly #trees: Trees
  #submittedAtMs = -Infinity

  constructor(parts: EagerPushParts) {
    this.#parts = parts
    this.#trees = new Trees(4 * parts.degree)
  }

  /**
   * Returns the tree for an own update; `undefined`, so that only its digest is sent, while there are too many trees, or for
   * the first update in {@link TREE_MS}: a tree is not worth growing for one update. Tiny updates are pushed anyway.
   */
  treeOfOurs(nowMs: number, bytes: number): number | undefined {
    const isFirst = nowMs - this.#submittedAtMs > TREE_MS
    this.#submittedAtMs = nowMs
    const { ownTree } = this.#parts
    return this.#trees.isCrowded || (isFirst && bytes > SMALL_BYTES) ? undefined : ownTree
  }

  /** Pushes updates along their trees. */
  push(nowMs: number, updates: readonly EagerUpdate[]): Send[] {
    const { neighbors, maxBatchBytes } = this.#parts
    const bundles = new Bundles(maxBatchBytes)
    for (const update of updates) {
      const { trace } = update
      const tree = trace.tree!
      for (const to of this.#trees.branches(tree, nowMs, () => neighbors(nowMs))) {
        if (trace.peers.has(to) || this.#trees.isParent(tree, to)) continue
        trace.peers.add(to)
        bundles.add(to, tree, update)
      }
      trace.isPushed = true
    }
    return bundles.pushes(nowMs)
  }

  /** `from` has pushed updates along `tree`. */
  pushed(nowMs: number, from: Address, tree: number, arrived: Arrived): Send[] {
    const { taken, duplicates, refused } = arrived
    const { seenBy, neighbors } = this.#parts
    for (const key of taken) seenBy.of(key).tree = tree
    if (taken.length > 0) this.#trees.brought(tree, from, nowMs, () => neighbors(nowMs))
    if (refused.length > 0) {
      for (const key of refused) addPeer(seenBy.of(key), from)
      const message: Message = { kind: 'refused', tree, digests: packKeys(refused) }
      return [{ kind: 'send', to: from, message }]
    }
    let isSuperfluous = false
    for (const key of duplicates) {
      const trace = seenBy.of(key)
      addPeer(trace, from)
      // The network may double a message; that is no reason to prune.
      isSuperfluous ||= trace.from !== from
    }
    if (!isSuperfluous || taken.length > 0 || this.#trees.isParent(tree, from)) return []
    this.#trees.prune(tree, from)
    return [{ kind: 'send', to: from, message: { kind: 'prune', tree } }]
  }

  /** `from` had, or cannot take now, what was pushed to it along `tree`. It fetches what it lacks when it can. */
  pruned(from: Address, tree: number): void {
    this.#trees.prune(tree, from)
  }

  /** `from` fetches these updates. A tree that did not reach it gets a branch to it. */
  fetched(from: Address, digests: DigestBlock): void {
    for (let index = 0; index < countDigests(digests); index++) {
      const trace = this.#parts.seenBy.find(digestKey(digests, index))
      if (trace === undefined) continue
      addPeer(trace, from)
      if (trace.isPushed) this.#trees.graft(trace.tree!, from)
    }
  }

  forget(peer: Address): void {
    this.#trees.forget(peer)
  }
}
