/** The port to the disk: keeps a node's state over a restart. */

import type { Address } from '../model/peer.ts'
import type { Digest, Update } from '../model/update.ts'

/** An update in storage. */
export interface PersistedUpdate extends Update {
  /** When it was submitted, derived from its age: milliseconds since 1970, by the wall clock of this node. */
  readonly submittedAtMs: number
  /** True if the handler has taken it, or if it is an own update. */
  readonly handled: boolean
}

/** One change of the stored state. For a digest that is not stored, `handled`, `drop` and `forget` change nothing. */
export type StorageChange =
  /** Stores the update, last in order, replacing one with the same digest. */
  | { readonly kind: 'keep'; readonly update: PersistedUpdate }
  /** Marks the update as handled; its place in the order stays. */
  | { readonly kind: 'handled'; readonly digest: Digest }
  /** Removes the update. */
  | { readonly kind: 'drop'; readonly digest: Digest }
  /** Stores the digest of an expired update, last in order; also if the update itself is stored. */
  | { readonly kind: 'remember'; readonly digest: Digest }
  /** Removes that digest. */
  | { readonly kind: 'forget'; readonly digest: Digest }
  /** Replaces the list of known peers. */
  | { readonly kind: 'peers'; readonly addresses: readonly Address[] }

/** Everything in storage. It belongs to the caller. */
export interface PersistedState {
  /** In the order in which they were stored. */
  readonly updates: readonly PersistedUpdate[]
  /** Digests of expired updates, in the order in which they were stored. */
  readonly seen: readonly Digest[]
  readonly peers: readonly Address[]
  /** How many records were damaged, and are missing here. */
  readonly damaged: number
}

/**
 * Keeps a node's state over a restart. One service, one storage: the service calls `load`, then `write` repeatedly, one at a
 * time, then `close`. Errors are rejections, with STORAGE_FAILED if there is no better code.
 */
export interface Storage {
  /**
   * Opens the storage and returns everything in it; creates an empty one if there is none. Rejects if another storage has the
   * same place open, and if it cannot be read. Damaged parts are skipped and counted.
   */
  load(): Promise<PersistedState>
  /**
   * Applies the changes in order, all or none. Resolves when they would survive a kill of this process and a loss of power;
   * the next `load` then returns them. After a rejection it returns all of them or none. The contents are shared with the
   * node: they never change, and MUST NOT be changed.
   */
  write(changes: readonly StorageChange[]): Promise<void>
  /** Releases the place, after a running `write` has settled. Idempotent, and allowed before and during `load`. */
  close(): Promise<void>
}
