/** The codecs that are compared: ours, and good libraries, each given the schema that suits it best. */
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { DIGEST_BYTES, packDigests, type Codec, type Message, type MessageKind } from '@rumormill/protocol'
import { Encoder } from 'cbor-x'
import compact from 'compact-encoding'
import { Packr } from 'msgpackr'

/** A codec under test. The form is the value a user of it would hold; turning messages into it is not measured. */
export interface Candidate {
  readonly name: string
  readonly isOurs: boolean
  toForm(message: Message): unknown
  fromForm(form: unknown): Message
  encode(form: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** A message as the libraries hold it: digests as a list of byte strings, or as one block, whichever the candidate is for. */
type Form = { kind: MessageKind; view?: unknown; digests?: Uint8Array[] | Uint8Array; contents?: unknown }

/** How compact-encoding describes a value; its types do not name it. */
interface Encoding<T> {
  preencode(state: State, value: T): void
  encode(state: State, value: T): void
  decode(state: State): T
}

type State = ReturnType<typeof compact.state>

/** All candidates, ours first. Limits are raised: the largest sample is beyond what a peer may send. */
export function candidates(): readonly Candidate[] {
  return [
    ours(binaryCodec({ maxDigests: 10_000 })),
    ours(jsonCodec({ maxDigests: 10_000, maxTextBytes: 2 ** 21 })),
    ...[asList, asBlock].flatMap((digests) => [
      library('compact-encoding', digests, compactEncoding(digests)),
      library('cbor-x', digests, new Encoder({ structures: [] })),
      library('msgpackr', digests, new Packr({ structures: [] }))
    ]),
    jsonWithBase64()
  ]
}

function ours(codec: Codec): Candidate {
  return {
    name: `codec-${codec.name}`,
    isOurs: true,
    toForm: (message) => message,
    fromForm: (form) => form as Message,
    encode: (form) => codec.encode(form as Message),
    decode: (bytes) => codec.decode(bytes)
  }
}

/** How a schema holds digests. Lists are what the libraries' own examples would use; a block is what suits them best. */
interface DigestForm {
  readonly suffix: string
  readonly schema: Encoding<unknown>
  toForm(block: Uint8Array): Uint8Array[] | Uint8Array
  fromForm(form: Uint8Array[] | Uint8Array): Uint8Array
}

const asList: DigestForm = {
  suffix: '',
  schema: compact.array(compact.fixed32) as Encoding<unknown>,
  toForm: (block) => Array.from({ length: block.length / DIGEST_BYTES }, (_, index) =>
    block.slice(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)),
  fromForm: (form) => packDigests(form as Uint8Array[])
}

const asBlock: DigestForm = {
  suffix: ' (block)',
  schema: compact.buffer as Encoding<unknown>,
  toForm: (block) => block,
  fromForm: (form) => form as Uint8Array
}

/** What encodes and decodes forms. */
interface Pair {
  encode(form: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

function library(name: string, digests: DigestForm, pair: Pair): Candidate {
  return {
    name: name + digests.suffix,
    isOurs: false,
    toForm: (message) => ('digests' in message ? { ...message, digests: digests.toForm(message.digests) } : message),
    fromForm: (form) => {
      const { digests: held, ...rest } = form as Form
      return (held === undefined ? rest : { ...rest, digests: digests.fromForm(held) }) as Message
    },
    encode: (form) => pair.encode(form),
    decode: (bytes) => pair.decode(bytes)
  }
}

/** A schema by hand, in the style of the library's own documentation: one struct per kind behind a number. */
function compactEncoding(digests: DigestForm): Pair {
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
  const kinds: [MessageKind, 'view' | 'digests' | 'contents', Encoding<unknown>][] = [
    ['view-request', 'view', view],
    ['view-response', 'view', view],
    ['digest-request', 'digests', digests.schema],
    ['digest-response', 'digests', digests.schema],
    ['content-request', 'digests', digests.schema],
    ['content-response', 'contents', contents]
  ]
  const numbers = new Map(kinds.map(([kind], number) => [kind, number]))
  const message: Encoding<Form> = {
    preencode: (state, form) => {
      const number = numbers.get(form.kind)!
      compact.uint.preencode(state, number)
      kinds[number]![2].preencode(state, form[kinds[number]![1]])
    },
    encode: (state, form) => {
      const number = numbers.get(form.kind)!
      compact.uint.encode(state, number)
      kinds[number]![2].encode(state, form[kinds[number]![1]])
    },
    decode: (state) => {
      const [kind, field, schema] = kinds[compact.uint.decode(state)]!
      return { kind, [field]: schema.decode(state) }
    }
  }
  return {
    encode: (form) => compact.encode(message, form as Form),
    decode: (bytes) => compact.decode(message, bytes)
  }
}

/** What one writes in five minutes: JSON, with bytes as base64. */
function jsonWithBase64(): Candidate {
  type Text = { digests?: string; contents?: string[] }
  const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
  const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  return {
    name: 'JSON + base64',
    isOurs: false,
    toForm: (message) => message,
    fromForm: (form) => form as Message,
    encode: (form) => {
      const { digests, contents, ...rest } = form as { digests?: Uint8Array; contents?: Uint8Array[] }
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
