import { describe, expect, it } from 'vitest'
import { messageFault } from '../../src/model/message-fault.ts'
import { FIELDS, MESSAGES, type FieldName, type MessageKind } from '../../src/model/message.ts'

/** A valid value of each field. */
const VALID: Readonly<Record<FieldName, unknown>> = {
  view: [{ address: 'h:1', age: 3 }],
  digests: new Uint8Array(64),
  contents: [new Uint8Array(1), new Uint8Array(0)],
  ages: [0, 9],
  tree: 1,
  check: 2,
  fingerprint: new Uint8Array(16),
  updates: 3,
  first: 4,
  count: 5,
  symbols: new Uint8Array(12),
  ids: new Uint8Array(16)
}
const KINDS = Object.keys(MESSAGES) as MessageKind[]
const NAMES = Object.keys(FIELDS) as FieldName[]
const fieldsOf = (kind: MessageKind): readonly FieldName[] => MESSAGES[kind].fields

function messageOf(kind: MessageKind, more: object = {}): object {
  return { kind, ...Object.fromEntries(fieldsOf(kind).map((name) => [name, VALID[name]])), ...more }
}

describe.each(KINDS)('a %s', (kind) => {
  it('is one, with fields of later versions or other kinds too', () => {
    expect(messageFault(messageOf(kind))).toBeUndefined()
    for (const name of NAMES.filter((each) => !fieldsOf(kind).includes(each)))
      for (const value of [VALID[name], [], null, 'text'])
        expect(messageFault(messageOf(kind, { [name]: value }))).toBeUndefined()
  })

  it('is none without one of its fields, or with one of another type', () => {
    for (const name of fieldsOf(kind))
      for (const value of [undefined, null, 'text', {}, -1, 1.5, NaN])
        expect(messageFault(messageOf(kind, { [name]: value }))).toMatch(new RegExp(`^${name} `))
  })
})

describe('the limits', () => {
  it.each(NAMES)('of %s', (name) => {
    const { type, most } = FIELDS[name]
    const kind = KINDS.find((each) => fieldsOf(each).includes(name))!
    const of = (size: number): unknown => {
      if (type === 'number') return size
      if (type === 'ages') return [size, size]
      if (type === 'bytes') return new Uint8Array(size)
      if (type === 'digests') return new Uint8Array(32 * size)
      return Array.from({ length: size }, () => (VALID[name] as unknown[])[0])
    }
    const ages = type === 'contents' ? { ages: Array.from({ length: most }, () => 0) } : {}
    expect(messageFault(messageOf(kind, { [name]: of(most), ...ages }))).toBeUndefined()
    const beyond = messageOf(kind, { [name]: of(most + (type === 'bytes' ? 8 : 1)), ...ages })
    expect(messageFault(beyond)).toMatch(new RegExp(`^${name} `))
    // A fingerprint has one length.
    if (name === 'fingerprint') return
    expect(String(messageFault(beyond, { [name]: most + 8 }))).not.toMatch(new RegExp(`^${name} `))
  })

  it('are an age for each content, and no holes', () => {
    expect(messageFault(messageOf('content-response', { ages: [1] }))).toBe(
      'not an age for each content'
    )
    const contents: Uint8Array[] = []
    contents[1] = new Uint8Array(1)
    const holes = { contents, ages: [1, 1] }
    expect(messageFault(messageOf('content-response', holes))).toMatch(/^contents /)
  })
})

it.each([undefined, null, 7, 'view-request', [], {}, { kind: 'toString' }, { kind: 1 }])(
  '%j is no message',
  (value) => {
    expect(messageFault(value)).toBe('unknown kind')
  }
)
