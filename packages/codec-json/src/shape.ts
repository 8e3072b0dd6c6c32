/** Checks the shape of parsed JSON values. */

import { MAX_AGE } from '@rumormill/protocol'
import { malformed } from './malformed.ts'

/** The version of the format, in every message. Nodes exchange the versions that they read as `MESSAGE_VERSIONS`. */
export const VERSION = 1

/** A parsed JSON object whose own keys were checked. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns `value` if it is an object with these own keys; it may have others. */
export function fields(value: unknown, keys: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('not an object')
  if (!keys.every((key) => Object.hasOwn(value, key))) throw malformed('missing keys')
  return value as Fields
}

/** Returns `value` if it is a list of at most `maxItems`. */
export function list(value: unknown, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed('not a list')
  if (value.length > maxItems) throw malformed('list too long')
  return value
}

/** Returns whether `value` is a valid age. */
export function isAge(value: unknown): value is number {
  return isWhole(value, MAX_AGE)
}

/** Returns whether `value` is an integer from 0 to `most`. */
export function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
}
