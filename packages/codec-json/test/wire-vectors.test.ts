import { readFileSync } from 'node:fs'
import type { Message } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import { jsonCodec } from '../src/index.ts'

/** The fields of messages that are bytes. */
const BYTES = ['digests', 'fingerprint', 'symbols', 'ids'] as const

/** A message with its bytes in hex. */
interface Vector {
  readonly name: string
  readonly message: { kind: Message['kind']; contents?: string[]; ages?: number[] } & Partial<
    Record<(typeof BYTES)[number], string>
  >
  readonly json: string
}

const { messages, later, refused } = JSON.parse(
  readFileSync(new URL('../../../docs/wire-vectors.json', import.meta.url), 'utf8')
) as {
  messages: readonly Vector[]
  later: {
    fields: readonly { name: string; message: string; json: string }[]
    unknown: { json: readonly { name: string; frame: string }[] }
  }
  refused: { json: readonly { name: string; frame: string }[] }
}

const codec = jsonCodec()

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

function messageOf({ message }: Vector): Message {
  const bytes = BYTES.flatMap((name) =>
    message[name] === undefined ? [] : [[name, fromHex(message[name])]]
  )
  const contents = message.contents === undefined ? {} : { contents: message.contents.map(fromHex) }
  return { ...message, ...Object.fromEntries(bytes), ...contents } as Message
}

/** Returns the bytes of a frame in the vectors' notation. */
function bytesOf(frame: string): Uint8Array {
  return new TextEncoder().encode(frame)
}

describe('the vectors of docs/wire.md', () => {
  test.each(messages)('$name', (vector) => {
    expect(Buffer.from(codec.encode(messageOf(vector)))).toEqual(Buffer.from(bytesOf(vector.json)))
    expect(codec.decode(bytesOf(vector.json))).toStrictEqual(messageOf(vector))
  })

  test.each(later.fields)('$name: skipped', (frame) => {
    const known = messages.find(({ name }) => name === frame.message)!
    expect(codec.decode(bytesOf(frame.json))).toStrictEqual(messageOf(known))
  })

  test.each(later.unknown.json)('$name is unknown', ({ frame }) => {
    expect(() => codec.decode(bytesOf(frame))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MESSAGE' })
    )
  })

  test.each(refused.json)('$name is refused', ({ frame }) => {
    expect(() => codec.decode(bytesOf(frame))).toThrow(
      expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
    )
  })
})
