/** Says why a value is not a message, for codecs and their tests, from the description of messages alone. */

import { FIELDS, MESSAGES, type FieldName, type MessageKind } from './message.ts'
import { isAddress, MAX_AGE } from './peer.ts'
import { DIGEST_BYTES } from './update.ts'

/** The most that a field may hold, where it is not what {@link FIELDS} says. */
export type FieldLimits = Partial<Record<FieldName, number>>

type Field = (typeof FIELDS)[FieldName]

/** Returns whether `kind` names a message of this version. */
export function isMessageKind(kind: unknown): kind is MessageKind {
  return typeof kind === 'string' && Object.hasOwn(MESSAGES, kind)
}

/**
 * Returns why `value` is no message within `limits`, or `undefined` if it is one. The reason names the field and repeats no part
 * of the value.
 */
export function messageFault(value: unknown, limits: FieldLimits = {}): string | undefined {
  const message = (value ?? {}) as Readonly<Record<string, unknown>>
  const { kind } = message
  if (!isMessageKind(kind)) return 'unknown kind'
  const names: readonly FieldName[] = MESSAGES[kind].fields
  for (const name of names) {
    const fault = fieldFault(message[name], FIELDS[name], limits[name] ?? FIELDS[name].most)
    if (fault !== undefined) return `${name} ${fault}`
  }
  const { contents, ages } = message as { contents: readonly unknown[]; ages: readonly unknown[] }
  if (names.includes('ages') && contents.length !== ages.length)
    return 'not an age for each content'
  return undefined
}

function fieldFault(value: unknown, field: Field, most: number): string | undefined {
  switch (field.type) {
    case 'number':
      return isWhole(value, most) ? undefined : 'out of range'
    case 'peers':
      return listFault(value, most, isPeer, 'of something else than addresses and ages')
    case 'contents':
      return listFault(value, most, isBytes, 'of something else than bytes')
    case 'ages':
      return listFault(value, Infinity, (age) => isWhole(age, most), 'out of range')
    case 'digests':
      return bytesFault(value, 0, most * DIGEST_BYTES, DIGEST_BYTES)
    case 'bytes':
      return bytesFault(value, field.least, most, field.unit)
  }
}

function listFault(
  value: unknown,
  most: number,
  isSound: (item: unknown) => boolean,
  otherwise: string
): string | undefined {
  if (!Array.isArray(value)) return 'not a list'
  if (value.length > most) return 'too long'
  // Not `every`, which skips holes.
  for (const item of value) if (!isSound(item)) return otherwise
  return undefined
}

function bytesFault(value: unknown, least: number, most: number, unit: number): string | undefined {
  if (!isBytes(value)) return 'not bytes'
  const { length } = value
  return length >= least && length <= most && length % unit === 0 ? undefined : 'of a wrong length'
}

function isPeer(value: unknown): boolean {
  const { address, age } = (value ?? {}) as { address?: unknown; age?: unknown }
  return isAddress(address) && isWhole(age, MAX_AGE)
}

function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
}

/** `instanceof` alone fails for bytes of another realm, such as those of a test runner's sandbox. */
export function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
  )
}
