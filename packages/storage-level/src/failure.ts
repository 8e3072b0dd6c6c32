/** Turns errors of a level database into errors that say what happened and what to do. */

import { GossipError, toGossipError } from '@rumormill/protocol/plugin'

/** Thrown for a damaged file that LevelDB would read without a check. */
export class DamageError extends Error {
  override readonly name = 'DamageError'
}

/** Returns whether an error means that the database is damaged, and not missing, locked or on a full disk. */
export function isDamage(error: unknown): boolean {
  const root = rootOf(error)
  if (root instanceof DamageError || root.code === 'LEVEL_CORRUPTION') return true
  // LevelDB reports a truncated or missing file so. A full disk is an IO error, too, but no reason to rewrite all files.
  return (
    root.code === 'LEVEL_IO_ERROR' &&
    /Invalid argument|No such file or directory/.test(root.message)
  )
}

export function isLocked(error: unknown): boolean {
  return rootOf(error).code === 'LEVEL_LOCKED'
}

/** Returns `error` as STORAGE_FAILED. `doing` is the failed action and its place. */
export function explained(error: unknown, doing: string): GossipError {
  const root = rootOf(error)
  return toGossipError(root, 'STORAGE_FAILED', `${doing} (${adviceFor(error)})`)
}

function adviceFor(error: unknown): string {
  if (isLocked(error)) {
    return 'another node, of this process or another, has it open: stop that one, or give each its own location'
  }
  if (isDamage(error)) {
    return 'it is damaged: set repair: true to save the valid records, or move the folder away to start empty'
  }
  return 'the option location needs a folder, or the path of a new one, that this process can write, on a disk with free space'
}

/** Returns the innermost cause: abstract-level only says that it could not open, and has the reason as the cause. */
function rootOf(error: unknown): Error & { readonly code?: unknown } {
  if (!(error instanceof Error)) return new Error(String(error))
  const { cause } = error
  return error.name !== 'GossipError' && cause instanceof Error ? rootOf(cause) : error
}
