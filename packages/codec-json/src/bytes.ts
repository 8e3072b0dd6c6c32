/** Bytes as text: digests as lower-case hex, contents as padded base64. One text per value, so messages compare as texts. */
import { DIGEST_BYTES, digestFromHex, digestToHex, type DigestBlock } from '@rumormill/protocol'
import { fromString, toString } from 'uint8arrays'
import { malformed } from './malformed.ts'

/** The digests of a block, one text each. */
export function digestsToText(block: DigestBlock): string[] {
  const texts: string[] = []
  for (let at = 0; at < block.length; at += DIGEST_BYTES) texts.push(digestToHex(block.subarray(at, at + DIGEST_BYTES)))
  return texts
}

export function digestsFromText(texts: readonly unknown[]): DigestBlock {
  const block = new Uint8Array(texts.length * DIGEST_BYTES)
  texts.forEach((text, index) => {
    const digest = typeof text === 'string' ? digestFromHex(text) : undefined
    if (digest === undefined) throw malformed('not a digest in lower-case hex')
    block.set(digest, index * DIGEST_BYTES)
  })
  return block
}

export function contentToText(content: Uint8Array): string {
  return toString(content, 'base64pad')
}

/** The library forgives wrong padding, so the form of the text is checked first; it refuses bits left over itself. */
export function contentFromText(text: unknown): Uint8Array {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw malformed('not base64')
  }
  try {
    return fromString(text, 'base64pad')
  } catch {
    throw malformed('not base64')
  }
}
