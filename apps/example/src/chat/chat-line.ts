/** A line of the chat as it travels: JSON, because the chat is there to be looked at. */

import { randomUUID } from 'node:crypto'
import { isAddress } from '@rumormill/protocol'
import { fromString, toString } from 'uint8arrays'
import { harmless } from '../complaints.ts'

export interface ChatLine {
  /** Who says to have written it. Nobody vouches for that: updates are handed on by others. */
  readonly author: string
  readonly text: string
}

/** The bytes of a line. Each time they are others: equal updates are one update, and words may be said twice. */
export function encodeLine({ author, text }: ChatLine): Uint8Array {
  return fromString(JSON.stringify({ author, id: randomUUID(), text }))
}

/** The line in `content`, safe to print; `undefined` when it is something else. */
export function decodeLine(content: Uint8Array): ChatLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(toString(content))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('author' in value) || !('text' in value))
    return undefined
  const { author, text } = value
  if (!isAddress(author) || typeof text !== 'string') return undefined
  return { author: harmless(author), text: harmless(text) }
}
