import { readFileSync } from 'node:fs'
import type { Message } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import { binaryCodec } from '../src/index.ts'

/** The fields of messages that are bytes. */
const BYTES = ['digests', 'fingerprint', 'symbols', 'ids'] as const

/** A message with its bytes in hex. */
interface Vector {
  readonly name: string
  readonly message: { kind: Message['kind']; contents?: string[]; ages?: number[] } & Partial<
    Record<(typeof BYTES)[number], string>
  >
  readonly binary: string
}

const { messages, later, refused } = JSON.parse(
  readFileSync(new URL('../../../docs/wire-vectors.json', import.meta.url), 'utf8')
) as {
  messages: readonly Vector[]
  later: {
    fields: readonly { name: string; message: string; binary: string }[]
    unknown: { binary: readonly { name: string; frame: string }[] }
  }
  refused: { binary: readonly { name: string; frame: string }[] }
}

const codec = binaryCodec()

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
  return fromHex(frame)
}

describe('the vectors of docs/wire.md', () => {
  test.each(messages)('$name', (vector) => {
    expect(Buffer.from(codec.encode(messageOf(vector)))).toEqual(
      Buffer.from(bytesOf(vector.binary))
    )
    expect(codec.decode(bytesOf(vector.binary))).toStrictEqual(messageOf(vector))
  })

  test.each(later.fields)('$name: skipped', (frame) => {
    const known = messages.find(({ name }) => name === frame.message)!
    expect(codec.decode(bytesOf(frame.binary))).toStrictEqual(messageOf(known))
  })

  test.each(later.unknown.binary)('$name is unknown', ({ frame }) => {
    expect(() => codec.decode(bytesOf(frame))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_MESSAGE' })
    )
  })

  test.each(refused.binary)('$name is refused', ({ frame }) => {
    expect(() => codec.decode(bytesOf(frame))).toThrow(
      expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
    )
  })
})
