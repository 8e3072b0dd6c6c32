/**
 * Changes that wait for storage, the last state of each digest only. So they are bounded by what the node holds and
 * what storage holds, however long that takes nothing.
 */

import type { StorageChange, PersistedUpdate } from '../ports/storage.ts'
import type { Digest } from '../update.ts'

/** What is to be changed about one digest. */
interface Waiting {
  readonly update: PersistedUpdate | 'handled' | 'drop' | undefined
  readonly memory: 'remember' | 'forget' | undefined
  /** What is dropped and forgotten before it was written need not be written at all. */
  readonly fresh: boolean
}

type DigestChange = Exclude<StorageChange, { kind: 'peers' }>

export class ChangeBacklog {
  /** In the order in which updates are to be kept, and digests to be remembered. */
  #digests = new Map<Digest, Waiting>()
  #peers: Extract<StorageChange, { kind: 'peers' }> | undefined

  /** For how many digests, and the list of peers, something waits. */
  get size(): number {
    return this.#digests.size + (this.#peers === undefined ? 0 : 1)
  }

  /** `fresh`: once all earlier changes are made, storage has nothing under this digest. */
  note(change: StorageChange, fresh: boolean): void {
    if (change.kind === 'peers') this.#peers = change
    else this.#note(change, fresh)
  }

  /** Whether an update of that digest waits to be kept. */
  keeps(digest: Digest): boolean {
    return typeof this.#digests.get(digest)?.update === 'object'
  }

  /** Takes all of them out. */
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
