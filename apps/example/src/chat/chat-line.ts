/** The format of a chat line: JSON, so that it is readable. */

import { randomUUID } from 'node:crypto'
import { isAddress } from '@rumormill/protocol/plugin'
import { fromString, toString } from 'uint8arrays'
import { harmless } from '../complaints.ts'

export interface ChatLine {
  /** The claimed author. It is not verified, because updates are forwarded by other nodes. */
  readonly author: string
  readonly text: string
}

/** Encodes a line. The bytes differ each time, because equal bytes would be the same update. */
export function encodeLine({ author, text }: ChatLine): Uint8Array {
  return fromString(JSON.stringify({ author, id: randomUUID(), text }))
}

/** Decodes a line, safe to print; `undefined` when `content` is not a line. */
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
