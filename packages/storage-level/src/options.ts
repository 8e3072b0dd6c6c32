/** The options of `levelStorage`, and what they may be. */

import { GossipError } from '@rumormill/protocol'
import type { Level } from './ledger.ts'

/** Where storage is. */
export interface LevelStorageOptions {
  /** A folder for this storage alone, made when it is not there; or a database for it alone, which you close. */
  readonly location: string | Level
  /**
   * Whether a folder that LevelDB cannot read is repaired: what is whole is saved, the rest is told as damaged. Default
   * false: then `load` rejects. It does nothing to a folder that can be read.
   */
  readonly repair?: boolean
}

const NAMES = ['location', 'repair']
const METHODS = ['open', 'iterator', 'batch']

/** Gives back `options`. Throws one INVALID_CONFIG that lists every reason. */
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
    reasons.push('repair needs a location that is a folder: a database of yours is yours to repair')
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
