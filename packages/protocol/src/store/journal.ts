/** The journal: the state that a node restores after a restart, and every change of it since. */

import type { DigestKey, KeyedUpdate } from '../model/update.ts'

/** An active update from before a restart. */
export interface RestoredUpdate extends KeyedUpdate {
  /** When it was submitted, on the present clock; often negative. */
  readonly submittedAtMs: number
}

/** One change of the store. */
export type JournalEntry =
  /** The update is active from now on. */
  | {
      readonly kind: 'accepted'
      readonly update: KeyedUpdate
      readonly submittedAtMs: number
      /** Whether the application of this node submitted it, so that its handler does not get it. */
      readonly isOwn: boolean
    }
  /** The update is active no longer. */
  | { readonly kind: 'ended'; readonly key: DigestKey }
  /** The digest is kept as that of an expired update from now on, or no longer. */
  | { readonly kind: 'seen'; readonly key: DigestKey }
  | { readonly kind: 'forgotten'; readonly key: DigestKey }

/** The journal that the engine gets from its driver. */
export interface Journal {
  /** In order of acceptance. */
  readonly updates: readonly RestoredUpdate[]
  /** Digests of expired updates, in order of expiry. */
  readonly seen: readonly DigestKey[]
  /** The engine appends entries; the driver removes them after every call. */
  readonly entries: JournalEntry[]
}
