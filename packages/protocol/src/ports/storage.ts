/** The port to the disk: keeps what a node knows over a restart. */

import type { Address } from '../peer.ts'
import type { Digest, Update } from '../update.ts'

/** An update as it is kept. */
export interface PersistedUpdate extends Update {
  /** When it was submitted, by its age when it came: milliseconds since 1970, by the wall clock of this node. */
  readonly submittedAtMs: number
  /** Whether the handler needs it no more: it has taken it, or the update is the node's own. */
  readonly handled: boolean
}

/** One change of what is kept. Of a digest that is not there, `handled`, `drop` and `forget` change nothing. */
export type StorageChange =
  /** The update is kept, as the last in order, instead of one with the same digest. */
  | { readonly kind: 'keep'; readonly update: PersistedUpdate }
  /** The update is kept as one that was handled, in its place. */
  | { readonly kind: 'handled'; readonly digest: Digest }
  /** The update is kept no longer. */
  | { readonly kind: 'drop'; readonly digest: Digest }
  /** The digest is seen, as the last in order; that of a kept update may be, too. */
  | { readonly kind: 'remember'; readonly digest: Digest }
  /** The digest is remembered no longer. */
  | { readonly kind: 'forget'; readonly digest: Digest }
  /** The known peers are these, and no others. */
  | { readonly kind: 'peers'; readonly addresses: readonly Address[] }

/** All that is kept. It belongs to the caller. */
export interface PersistedState {
  /** In the order in which they were kept. */
  readonly updates: readonly PersistedUpdate[]
  /** In the order in which they were seen. */
  readonly seen: readonly Digest[]
  readonly peers: readonly Address[]
  /** Records that were found damaged, and are not among these. */
  readonly damaged: number
}

/**
 * Keeps what a node knows over a restart. One service, one storage: the service calls `load`, then `write` again and
 * again, one at a time, then `close`. All errors are told by rejections, STORAGE_FAILED when there is no better code.
 */
export interface Storage {
  /**
   * Opens the storage and gives all that is kept; one that does not exist yet is made, and is empty. Rejects when
   * another storage has the same place open, and when it cannot be read; a part that is damaged is passed over and counted.
   */
  load(): Promise<PersistedState>
  /**
   * Makes the changes, in order, all or none, whatever happens on the way. Resolves when they would survive a kill of
   * this process and a loss of power; the next `load` then shows them. After a rejection it shows all of them or none.
   * The contents are shared with the node: they do not change, and are not to be written to.
   */
  write(changes: readonly StorageChange[]): Promise<void>
  /** Releases the place, after a `write` under way has settled. Idempotent, and allowed before `load` and during it. */
  close(): Promise<void>
}
