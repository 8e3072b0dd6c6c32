/**
 * The trees along which updates are handed on, one for each node that submits often (Leitao, Pereira and Rodrigues,
 * Epidemic Broadcast Trees, SRDS 2007, section 3; theirs is one for all, good for the node that it grew from).
 *
 * A tree begins as all links to neighbours. Those over which an update comes a second time are pruned; what is left are the
 * fastest ways from that node to all others. A branch that has broken grows back where an update was fetched instead.
 *
 * A node keeps to one parent in each tree, and hands nothing up to it. Were it to prune whoever is second with any one
 * update, two updates on their way at once, each first by another way, would cost it both ways.
 */

import type { Address } from '../peer.ts'

/** How many trees are kept; of more, the ones not used for longest begin anew. */
const MAX_TREES = 1024

/** A tree that was not used for so long is forgotten. */
export const TREE_MS = 600_000

/** Who is first with so many updates of a tree, with none of the parent's between them, takes the parent's place. */
const OVERTAKEN = 3

interface Tree {
  /** To whom updates are handed on. */
  readonly branches: Set<Address>
  /** By whom they come. */
  parent: Address | undefined
  /** How many in a row others have brought before the parent. */
  overtaken: number
  usedAtMs: number
}

export class Trees {
  readonly #maxBranches: number
  /** In order of last use. */
  readonly #trees = new Map<number, Tree>()

  /** `maxBranches` is the most that one tree may have here. */
  constructor(maxBranches: number) {
    this.#maxBranches = maxBranches
  }

  /** Whether one more is likely to push out another that is in use. */
  get isCrowded(): boolean {
    return this.#trees.size >= MAX_TREES / 2
  }

  /** To whom updates of `number` go; all of `neighbours` when that tree is new here. */
  branches(
    number: number,
    nowMs: number,
    neighbours: () => readonly Address[]
  ): ReadonlySet<Address> {
    return this.#used(number, nowMs, neighbours).branches
  }

  /** `peer` was the first to bring an update of `number`. */
  brought(
    number: number,
    peer: Address,
    nowMs: number,
    neighbours: () => readonly Address[]
  ): void {
    const tree = this.#used(number, nowMs, neighbours)
    tree.overtaken = tree.parent === peer ? 0 : tree.overtaken + 1
    if (tree.parent !== undefined && tree.overtaken < OVERTAKEN) return
    tree.parent = peer
    tree.overtaken = 0
  }

  /** Whether updates of `number` are to come from `peer`. */
  isParent(number: number, peer: Address): boolean {
    return this.#trees.get(number)?.parent === peer
  }

  /** `peer` has updates of `number` from elsewhere. */
  prune(number: number, peer: Address): void {
    this.#trees.get(number)?.branches.delete(peer)
  }

  /** `peer` had to fetch an update of `number`. */
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

  #used(number: number, nowMs: number, neighbours: () => readonly Address[]): Tree {
    const tree = this.#trees.get(number) ?? {
      branches: new Set(neighbours()),
      parent: undefined,
      overtaken: 0,
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
