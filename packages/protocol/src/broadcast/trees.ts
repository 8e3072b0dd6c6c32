/**
 * The trees along which updates are pushed, one for each node that submits often (Leitao, Pereira and Rodrigues, Epidemic
 * Broadcast Trees, SRDS 2007, section 3; theirs is one tree for all, best for the node from which it grew).
 *
 * A tree starts as all links to neighbors. Links over which an update comes a second time are pruned; the fastest paths from
 * the submitter to all others remain. A broken branch is replaced where an update was fetched instead.
 *
 * A node has one parent in each tree and pushes nothing to it. If it pruned every link that is second with an update, two
 * updates in flight at once, each first over another link, would cost it both links.
 */

import type { Address } from '../model/peer.ts'

/** The most trees that are kept. Of more, those not used for longest start anew. */
const MAX_TREES = 1024

/** A tree that was not used for this long is forgotten. */
export const TREE_MS = 600_000

/**
 * The optimization threshold (section 3.8): a peer that is first with this many updates of a tree in a row, none of them
 * brought by the parent, becomes the parent.
 */
const OPTIMIZATION_THRESHOLD = 3

interface Tree {
  /** The peers to which updates are pushed. */
  readonly branches: Set<Address>
  /** The peer by which updates come. */
  parent: Address | undefined
  /** How many updates in a row other peers have brought before the parent. */
  parentWasSlower: number
  usedAtMs: number
}

export class Trees {
  readonly #maxBranches: number
  /** In order of last use. */
  readonly #trees = new Map<number, Tree>()

  /** `maxBranches` is the most branches that one tree may have at this node. */
  constructor(maxBranches: number) {
    this.#maxBranches = maxBranches
  }

  /** True if one more tree is likely to replace another that is in use. */
  get isCrowded(): boolean {
    return this.#trees.size >= MAX_TREES / 2
  }

  /** Returns the peers to which updates of tree `number` are pushed: all of `neighbors` if the tree is new here. */
  branches(
    number: number,
    nowMs: number,
    neighbors: () => readonly Address[]
  ): ReadonlySet<Address> {
    return this.#used(number, nowMs, neighbors).branches
  }

  /** `peer` was the first to bring an update of tree `number`. */
  brought(number: number, peer: Address, nowMs: number, neighbors: () => readonly Address[]): void {
    const tree = this.#used(number, nowMs, neighbors)
    tree.parentWasSlower = tree.parent === peer ? 0 : tree.parentWasSlower + 1
    if (tree.parent !== undefined && tree.parentWasSlower < OPTIMIZATION_THRESHOLD) return
    tree.parent = peer
    tree.parentWasSlower = 0
  }

  isParent(number: number, peer: Address): boolean {
    return this.#trees.get(number)?.parent === peer
  }

  /** Removes the branch to `peer`, which gets the updates of tree `number` from elsewhere. */
  prune(number: number, peer: Address): void {
    this.#trees.get(number)?.branches.delete(peer)
  }

  /** Adds a branch to `peer`, which had to fetch an update of tree `number`. */
  graft(number: number, peer: Address): void {
    const branches = this.#trees.get(number)?.branches
    if (branches !== undefined && branches.size < this.#maxBranches) branches.add(peer)
  }

  forget(peer: Address): void {
    for (const tree of this.#trees.values()) {
      tree.branches.delete(peer)
      if (tree.parent === peer) tree.parent = undefined
    }
  }

  #used(number: number, nowMs: number, neighbors: () => readonly Address[]): Tree {
    const tree = this.#trees.get(number) ?? {
      branches: new Set(neighbors()),
      parent: undefined,
      parentWasSlower: 0,
      usedAtMs: nowMs
    }
    tree.usedAtMs = nowMs
    this.#trees.delete(number)
    this.#trees.set(number, tree)
    for (const [other, { usedAtMs }] of this.#trees) {
      if (this.#trees.size <= MAX_TREES && nowMs - usedAtMs < TREE_MS) break
      this.#trees.delete(other)
    }
    return tree
  }
}
