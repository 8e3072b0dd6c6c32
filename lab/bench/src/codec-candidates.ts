/** The codecs of the comparison: ours, and good libraries, each with the schema that suits it best. */

import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import {
  DIGEST_BYTES,
  packDigests,
  type Codec,
  type Message,
  type MessageKind
} from '@rumormill/protocol/plugin'
import { Encoder } from 'cbor-x'
import compact from 'compact-encoding'
import { Packr } from 'msgpackr'
import { decodeByHand, encodeByHand, isMost } from './codec-reference.ts'

/**
 * The form of the messages of a candidate.
 * `list`: digests are a list of byte strings. `block`: digests are one byte string, as in our messages.
 * `owned`: as block, but decoded bytes are copies, except for contents that are most of the input, as the port requires; in
 * the other forms they are views of the input.
 */
export type Schema = 'list' | 'block' | 'owned'

/** A codec under test. The form is the value that its user has; the conversion of messages to it is not measured. */
export interface Candidate {
  readonly name: string
  /** `undefined` for a codec that takes our messages. */
  readonly schema: Schema | undefined
  toForm(message: Message): unknown
  fromForm(form: unknown): Message
  encode(form: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** A message in the form of the libraries. */
type Form = {
  kind: MessageKind
  view?: unknown
  digests?: Uint8Array[] | Uint8Array
  contents?: Uint8Array[]
  ages?: number[]
}

/** An encoding of compact-encoding, whose types do not export it. */
interface Encoding<T> {
  preencode(state: State, value: T): void
  encode(state: State, value: T): void
  decode(state: State): T
}

type State = ReturnType<typeof compact.state>

/** The name of the codec that was written by hand for this comparison. */
export const REFERENCE = 'by hand'

/** Returns all candidates, ours first. Limits are raised, because the largest sample exceeds what a peer may send. */
export function candidates(): readonly Candidate[] {
  return [
    ours(binaryCodec({ maxDigests: 10_000 })),
    ours(jsonCodec({ maxDigests: 10_000, maxTextBytes: 2 ** 21 })),
    ...(['list', 'block', 'owned'] as const).flatMap((schema) => [
      library('compact-encoding', schema, compactEncoding(schema)),
      library('cbor-x', schema, new Encoder({ structures: [] })),
      library('msgpackr', schema, new Packr({ structures: [] }))
    ]),
    {
      name: REFERENCE,
      schema: undefined,
      toForm: (message) => message,
      fromForm: (form) => form as Message,
      encode: (form) => encodeByHand(form as Message),
      decode: decodeByHand
    },
    jsonWithBase64()
  ]
}

function ours(codec: Codec): Candidate {
  return {
    name: `codec-${codec.name}`,
    schema: undefined,
    toForm: (message) => message,
    fromForm: (form) => form as Message,
    encode: (form) => codec.encode(form as Message),
    decode: (bytes) => codec.decode(bytes)
  }
}

/** An encoder and decoder of forms. */
interface Pair {
  encode(form: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

function library(name: string, schema: Schema, pair: Pair): Candidate {
  return {
    name: `${name} (${schema})`,
    schema,
    toForm: (message) =>
      'digests' in message && schema === 'list'
        ? { ...message, digests: cut(message.digests) }
        : message,
    fromForm: (form) => {
      const { digests, ...rest } = form as Form
      if (digests === undefined) return rest as Message
      return {
        ...rest,
        digests: Array.isArray(digests) ? packDigests(digests) : digests
      } as Message
    },
    encode: (form) => pair.encode(form),
    decode:
      schema === 'owned'
        ? (bytes) => owned(pair.decode(bytes) as Form)
        : (bytes) => pair.decode(bytes)
  }
}

function cut(block: Uint8Array): Uint8Array[] {
  return Array.from({ length: block.length / DIGEST_BYTES }, (_, index) =>
    block.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
  )
}

/** Replaces the views in a decoded form by copies. */
function owned(form: Form): Form {
  if (form.digests !== undefined) form.digests = copy(form.digests as Uint8Array)
  const { contents } = form
  if (contents !== undefined)
    form.contents = contents.map((content) =>
      isMost(content, content.length) ? content : copy(content)
    )
  return form
}

/** Copies in the fastest way of Node.js: small buffers come from its pool. */
function copy(bytes: Uint8Array): Uint8Array {
  const own = Buffer.allocUnsafe(bytes.length)
  own.set(bytes)
  return own
}

/** Returns a handwritten schema in the style of the library's documentation: a number, then one struct per kind. */
function compactEncoding(digestSchema: Schema): Pair {
  const peer: Encoding<{ address: string; age: number }> = {
    preencode: (state, { address, age }) => {
      compact.string.preencode(state, address)
      compact.uint.preencode(state, age)
    },
    encode: (state, { address, age }) => {
      compact.string.encode(state, address)
      compact.uint.encode(state, age)
    },
    decode: (state) => ({ address: compact.string.decode(state), age: compact.uint.decode(state) })
  }
  const view = compact.array(peer) as Encoding<unknown>
  const contents = compact.array(compact.buffer) as Encoding<unknown>
  const ages = compact.array(compact.uint) as Encoding<unknown>
  const digests = (
    digestSchema === 'list' ? compact.array(compact.fixed32) : compact.buffer
  ) as Encoding<unknown>
  const kinds: [MessageKind, { [field in keyof Form]?: Encoding<unknown> }][] = [
    ['view-request', { view }],
    ['view-response', { view }],
    ['digest-request', { digests }],
    ['digest-response', { digests }],
    ['content-request', { digests }],
    ['content-response', { contents, ages }]
  ]
  const fieldsOf = kinds.map(
    ([, schemas]) => Object.entries(schemas) as [keyof Form, Encoding<unknown>][]
  )
  const numbers = new Map(kinds.map(([kind], number) => [kind, number]))
  const message: Encoding<Form> = {
    preencode: (state, form) => {
      const number = numbers.get(form.kind)!
      compact.uint.preencode(state, number)
      for (const [field, schema] of fieldsOf[number]!) schema.preencode(state, form[field])
    },
    encode: (state, form) => {
      const number = numbers.get(form.kind)!
      compact.uint.encode(state, number)
      for (const [field, schema] of fieldsOf[number]!) schema.encode(state, form[field])
    },
    decode: (state) => {
      const number = compact.uint.decode(state)
      const form: Form = { kind: kinds[number]![0] }
      for (const [field, schema] of fieldsOf[number]!) form[field] = schema.decode(state) as never
      return form
    }
  }
  return {
    encode: (form) => compact.encode(message, form as Form),
    decode: (bytes) => compact.decode(message, bytes)
  }
}

/** Returns the simplest codec: JSON, with bytes as base64. */
function jsonWithBase64(): Candidate {
  type Text = { digests?: string; contents?: string[] }
  const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
  const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  return {
    name: 'JSON + base64',
    schema: 'owned',
    toForm: (message) => message,
    fromForm: (form) => form as Message,
    encode: (form) => {
      const { digests, contents, ...rest } = form as {
        digests?: Uint8Array
        contents?: Uint8Array[]
      }
      const text: Text = rest
      if (digests !== undefined) text.digests = toBase64(digests)
      if (contents !== undefined) text.contents = contents.map(toBase64)
      return Buffer.from(JSON.stringify(text))
    },
    decode: (bytes) => {
      const { digests, contents, ...rest } = JSON.parse(Buffer.from(bytes).toString()) as Text
      if (digests !== undefined) return { ...rest, digests: fromBase64(digests) }
      return contents === undefined ? rest : { ...rest, contents: contents.map(fromBase64) }
    }
  }
}
