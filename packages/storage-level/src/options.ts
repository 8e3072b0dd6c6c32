/** The options of `levelStorage`, and their checks. */

import { GossipError } from '@rumormill/protocol/plugin'
import type { Level } from './record-store.ts'

/** The location of storage, and what to do if it is damaged. */
export interface LevelStorageOptions {
  /** A folder, created if missing, or a database, which the caller must close. Must not be used by anything else. */
  readonly location: string | Level
  /**
   * Whether to repair a folder that LevelDB cannot read: valid records are kept, and the others are reported as damaged. If
   * false, `load` rejects. Does nothing to a readable folder. Default false.
   */
  readonly repair?: boolean
}

const NAMES = ['location', 'repair']
const METHODS = ['open', 'iterator', 'batch']

/** Returns `options`. Throws one INVALID_CONFIG that lists every error. */
export function checkOptions(options: LevelStorageOptions): LevelStorageOptions {
  const given: Partial<Record<string, unknown>> =
    typeof options === 'object' && options !== null ? { ...options } : {}
  const { location, repair } = given
  const reasons = Object.keys(given)
    .filter((name) => !NAMES.includes(name))
    .map((name) => `${name} is not an option`)
  if (!isPath(location) && !isLevel(location)) {
    reasons.push(
      'location must be the path of a folder, or a database with the interface of abstract-level'
    )
  }
  if (repair !== undefined && typeof repair !== 'boolean')
    reasons.push('repair must be true or false')
  if (repair === true && isLevel(location))
    reasons.push('repair needs a location that is a folder: repair a database of your own yourself')
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return options
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
}

function isLevel(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
