/**
 * Keeps changes that wait for storage, only the last state of each digest. So their number is bounded by what the node and
 * storage hold, however long storage takes none.
 */

import type { Digest } from '../model/update.ts'
import type { StorageChange, PersistedUpdate } from '../ports/storage.ts'

/** The waiting change of one digest. */
interface Waiting {
  readonly update: PersistedUpdate | 'handled' | 'drop' | undefined
  readonly memory: 'remember' | 'forget' | undefined
  /** Whether storage has nothing under this digest: then a drop before the first write needs no write at all. */
  readonly fresh: boolean
}

type DigestChange = Exclude<StorageChange, { kind: 'peers' }>

export class ChangeBacklog {
  /** In the order in which updates will be kept, and digests remembered. */
  #digests = new Map<Digest, Waiting>()
  #peers: Extract<StorageChange, { kind: 'peers' }> | undefined

  /** How many digests have waiting changes; one more if the list of peers has. */
  get size(): number {
    return this.#digests.size + (this.#peers === undefined ? 0 : 1)
  }

  /** Adds a change. `fresh` is whether storage has nothing under this digest after all earlier changes. */
  note(change: StorageChange, fresh: boolean): void {
    if (change.kind === 'peers') this.#peers = change
    else this.#note(change, fresh)
  }

  /** Returns whether the update of a digest waits to be kept. */
  keeps(digest: Digest): boolean {
    return typeof this.#digests.get(digest)?.update === 'object'
  }

  /** Removes and returns all changes. */
  take(): StorageChange[] {
    const changes: StorageChange[] = []
    for (const [digest, { update, memory }] of this.#digests) {
      if (typeof update === 'object') changes.push({ kind: 'keep', update })
      else if (update !== undefined) changes.push({ kind: update, digest })
      if (memory !== undefined) changes.push({ kind: memory, digest })
    }
    if (this.#peers !== undefined) changes.push(this.#peers)
    this.#digests = new Map()
    this.#peers = undefined
    return changes
  }

  #note(change: DigestChange, fresh: boolean): void {
    const digest = change.kind === 'keep' ? change.update.digest : change.digest
    const before = this.#digests.get(digest) ?? { update: undefined, memory: undefined, fresh }
    const after = applied(before, change)
    if (change.kind === 'keep' || change.kind === 'remember') this.#digests.delete(digest)
    const nothing =
      (after.update === undefined || after.update === 'drop') && after.memory !== 'remember'
    if (nothing && after.fresh) this.#digests.delete(digest)
    else this.#digests.set(digest, after)
  }
}

function applied(before: Waiting, change: DigestChange): Waiting {
  switch (change.kind) {
    case 'keep':
      return { ...before, update: change.update }
    case 'handled':
      if (before.update === 'drop') return before
      return {
        ...before,
        update: typeof before.update === 'object' ? { ...before.update, handled: true } : 'handled'
      }
    case 'drop':
      return { ...before, update: 'drop' }
    default:
      return { ...before, memory: change.kind }
  }
}
