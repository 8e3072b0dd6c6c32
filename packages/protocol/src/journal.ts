/** What a node must keep to outlive a restart: what it knew when it stopped, and every change since. */

import type { Digest, Update } from './update.ts'

/** An active update of an earlier life. */
export interface RestoredUpdate extends Update {
  /** When it was submitted, on the clock of this life: often before its zero. */
  readonly submittedAtMs: number
}

/** One change of what the store holds. */
export type JournalEntry =
  /** The update is active from now on. */
  | { readonly kind: 'accepted'; readonly update: Update; readonly submittedAtMs: number }
  /** The update is active no longer. */
  | { readonly kind: 'ended'; readonly digest: Digest }
  /** The digest is known as that of an expired update from now on, or no longer. */
  | { readonly kind: 'seen'; readonly digest: Digest }
  | { readonly kind: 'forgotten'; readonly digest: Digest }

/** Handed to the engine by whoever keeps its state. */
export interface Journal {
  /** In order of acceptance. */
  readonly updates: readonly RestoredUpdate[]
  /** Digests of expired updates, in order of expiry. */
  readonly seen: readonly Digest[]
  /** The engine appends; its keeper takes out, after every call. */
  readonly entries: JournalEntry[]
}
