/** What a JSON value must look like to be a message, checked key by key. */

import { MAX_AGE } from '@rumormill/protocol'
import { malformed } from './malformed.ts'

/** The version of the format, in every message. What is read here is what `MESSAGE_VERSIONS` tells peers. */
export const VERSION = 1

/** A parsed JSON object; its members are only reached by own keys. */
export type Fields = Readonly<Record<string, unknown>>

/** `value` if it is an object with `keys` of its own; it may have others. */
export function fields(value: unknown, keys: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('not an object')
  if (!keys.every((key) => Object.hasOwn(value, key))) throw malformed('missing keys')
  return value as Fields
}

/** `value` if it is a list of at most `maxItems`. */
export function list(value: unknown, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed('not a list')
  if (value.length > maxItems) throw malformed('list too long')
  return value
}

/** Whether `value` may stand as an age. */
export function isAge(value: unknown): value is number {
  return isWhole(value, MAX_AGE)
}

/** Whether `value` is an integer from 0 to `most`. */
export function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
}
