/** What to tell of an error of a level database: what happened, and what to do about it. */

import { GossipError, toGossipError } from '@rumormill/protocol'

/** A file that LevelDB would read unchecked is damaged. */
export class DamageError extends Error {
  override readonly name = 'DamageError'
}

/** Whether the database is there, is nobody else's, and cannot be read. */
export function isDamage(error: unknown): boolean {
  const root = rootOf(error)
  if (root instanceof DamageError || root.code === 'LEVEL_CORRUPTION') return true
  // So LevelDB says that a file was cut or deleted. A full disk is an IO error, too, and no reason to rewrite all files.
  return (
    root.code === 'LEVEL_IO_ERROR' &&
    /Invalid argument|No such file or directory/.test(root.message)
  )
}

export function isLocked(error: unknown): boolean {
  return rootOf(error).code === 'LEVEL_LOCKED'
}

/** `error` as STORAGE_FAILED. `doing`: what was being done to which place. */
export function explained(error: unknown, doing: string): GossipError {
  const root = rootOf(error)
  return toGossipError(root, 'STORAGE_FAILED', `${doing} (${adviceFor(error)})`)
}

function adviceFor(error: unknown): string {
  if (isLocked(error)) {
    return 'another node, of this process or another, has it open: stop that one, or give each a location of its own'
  }
  if (isDamage(error)) {
    return 'it is damaged: with repair: true what is whole is saved; or move the folder away to start anew'
  }
  return 'the option location needs a folder, or the name of a new one, that this process may write, on a disk with room'
}

/** What abstract-level says is that it could not open; why, is the cause. */
function rootOf(error: unknown): Error & { readonly code?: unknown } {
  if (!(error instanceof Error)) return new Error(String(error))
  const { cause } = error
  return error.name !== 'GossipError' && cause instanceof Error ? rootOf(cause) : error
}
