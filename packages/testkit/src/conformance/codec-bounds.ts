/** The cases about sizes: which messages must fit, and which must be refused. */

import {
  DIGEST_BYTES,
  FIELDS,
  MESSAGE_COST,
  type Codec,
  type FieldName,
  type Message,
  type Peer
} from '@rumormill/protocol/plugin'
import { fieldsOf, KINDS, leastValue, messageOf } from '../message-samples.ts'
import type { ConformanceCase } from './case.ts'
import { check, checkRefused, decoded, encoded, equalMessages } from './checks.ts'
import { invalidAges, invalidMessages } from './codec-invalid-messages.ts'
import { sayable, type CodecTrial } from './codec-trial.ts'

/** The message sizes at which the content limit is tested: from too small for any content to the largest one. */
const MESSAGE_SIZES = [0, 1, 64, 100, 200, 1000, 1500, 4096, 16_400, 65_536, 262_144, 1_048_576]

/** The cases about counts and sizes. */
export function boundCases(trial: CodecTrial): readonly ConformanceCase[] {
  const { create } = trial
  return [
    {
      name: 'has a content limit that is an integer and never decreases',
      run: () => limitIsMonotone(create())
    },
    { name: 'fits one content of the content limit', run: () => fitsOneContent(trial) },
    { name: 'fits batches of contents within the content limit', run: () => fitsBatches(trial) },
    { name: 'fits digests within the content limit', run: () => fitsDigests(trial) },
    { name: 'carries as many parts as its caps allow', run: () => carriesCaps(trial) },
    { name: 'refuses one part more than its caps allow', run: () => refusesBeyondCaps(trial) },
    { name: 'refuses to encode what decode would refuse', run: () => refusesInvalidMessages(trial) }
  ]
}

function limitIsMonotone(codec: Codec): void {
  let before = 0
  const sizes = [
    ...Array.from({ length: 600 }, (_, size) => size),
    ...MESSAGE_SIZES.filter((size) => size >= 600)
  ]
  for (const size of sizes) {
    const limit = codec.contentLimit(size)
    check(Number.isInteger(limit) && limit >= 0, `the limit of ${size} is ${limit}, not an integer`)
    check(limit <= size, `the limit of ${size} is ${limit}: more than the message`)
    check(
      limit >= before,
      `the limit of ${size} is ${limit}, less than that of a smaller message (${before})`
    )
    before = limit
  }
  check(before > 0, 'no content fits even the largest message')
}

/** Returns each message size that fits contents, with the content limit of the codec. */
function limits(codec: Codec): readonly { size: number; limit: number }[] {
  return MESSAGE_SIZES.map((size) => ({ size, limit: codec.contentLimit(size) })).filter(
    ({ limit }) => limit > 0
  )
}

function fits(codec: Codec, message: Message, size: number, what: string): void {
  const frame = encoded(codec, message)
  check(
    frame.length <= size,
    `${what} took ${frame.length} bytes, more than the ${size} of the message`
  )
  check(equalMessages(decoded(codec, frame), message), `${what} came back changed`)
}

function fitsOneContent({ create, options }: CodecTrial): void {
  const codec = create()
  for (const { size, limit } of limits(codec)) {
    const messages = sayable(messagesOf([new Uint8Array(limit).fill(0xa5)]), options)
    for (const message of messages)
      fits(codec, message, size, `one content of ${limit} bytes in a ${message.kind}`)
  }
}

function messagesOf(contents: Uint8Array[]): readonly Message[] {
  const ages = contents.map(() => FIELDS.ages.most)
  return [
    { kind: 'content-response', contents, ages },
    { kind: 'eager-push', tree: FIELDS.tree.most, check: FIELDS.check.most, contents, ages }
  ]
}

/** Tries contents of several lengths, as many as the limit and the cap allow; the last one fills the rest. */
function fitsBatches(trial: CodecTrial): void {
  const [codec, { maxContents }] = [trial.create(), trial.options]
  for (const { size, limit } of limits(codec)) {
    for (const length of [1, 2, 3, 61, 127, 128, 129, 1024, 16_384]) {
      const cost = length + MESSAGE_COST.contentBytes
      const count = Math.min(maxContents - 1, Math.floor(limit / cost))
      const contents = Array.from({ length: count }, (_, index) => numbered(length, index))
      const rest = limit - count * cost - MESSAGE_COST.contentBytes
      if (rest > 0) contents.push(new Uint8Array(rest))
      const what = `${contents.length} contents of ${length} bytes`
      for (const message of sayable(messagesOf(contents), trial.options))
        fits(codec, message, size, `${what} in a ${message.kind}`)
    }
  }
}

function fitsDigests(trial: CodecTrial): void {
  const [codec, { maxDigests, carries }] = [trial.create(), trial.options]
  for (const { size, limit } of limits(codec)) {
    const count = Math.min(maxDigests, Math.floor(limit / MESSAGE_COST.digestBytes))
    const digests = numberedDigests(count)
    for (const kind of ['digest-request', 'digest-response', 'content-request', 'ihave'] as const) {
      if (carries({ kind, digests }))
        fits(codec, { kind, digests }, size, `a ${kind} of ${count} digests`)
    }
    if (count > MESSAGE_COST.sketchDigests)
      fitsSketches(trial, digests.subarray(MESSAGE_COST.sketchDigests * DIGEST_BYTES), size)
  }
}

/** Returns a content that differs from those of other numbers, as far as its length allows: some formats cannot repeat a content. */
function numbered(length: number, index: number): Uint8Array {
  const content = new Uint8Array(length).fill(0xa5)
  for (let at = 0; at < Math.min(4, length); at++) content[at] = index >>> (8 * at)
  return content
}

function numberedDigests(count: number): Uint8Array {
  const digests = new Uint8Array(count * DIGEST_BYTES)
  for (let index = 0; index < count; index++)
    digests.set(numbered(DIGEST_BYTES, index), index * DIGEST_BYTES)
  return digests
}

/** Tries coded symbols, and digests with short ids, of as many bytes as `digests`. */
function fitsSketches(
  { create, options: { carries } }: CodecTrial,
  digests: Uint8Array,
  size: number
): void {
  const fingerprint = new Uint8Array(FIELDS.fingerprint.most).fill(0xa5)
  const symbols = digests.slice(0, FIELDS.symbols.most)
  const half = Math.floor(digests.length / 2 / DIGEST_BYTES) * DIGEST_BYTES
  const difference: Message = {
    kind: 'difference-request',
    digests: digests.slice(half),
    ids: digests.slice(0, Math.min(half, FIELDS.symbols.most))
  }
  const sketch: Message = {
    kind: 'sketch-response',
    fingerprint,
    updates: FIELDS.updates.most,
    first: FIELDS.first.most,
    symbols
  }
  for (const message of [sketch, difference].filter(carries))
    fits(create(), message, size, `a ${message.kind} of ${digests.length} bytes`)
}

/** Returns messages with `extra` parts more than the caps allow. */
function fullMessages({ options }: CodecTrial, extra: number): readonly Message[] {
  const { maxPeers, maxContents, maxDigests } = options
  const view = Array.from({ length: maxPeers + extra }, (_, index): Peer => ({
    address: `h:${index}`,
    age: 1
  }))
  const contents = Array.from({ length: maxContents + extra }, (_, index) => numbered(4, index))
  const ages = contents.map((_, index) => index)
  const digests = numberedDigests(maxDigests + extra)
  const lists: Partial<Record<FieldName, unknown>> = { view, contents, ages, digests }
  const messages = KINDS.filter((kind) => fieldsOf(kind).some((name) => name in lists)).map(
    (kind) => messageOf(kind, (name) => lists[name] ?? leastValue(name))
  )
  return sayable(messages, options)
}

/** Skips digests, because a cap on the size of texts may be lower than the cap on digests. */
function carriesCaps(trial: CodecTrial): void {
  const codec = trial.create()
  for (const message of fullMessages(trial, 0).filter((full) => !('digests' in full))) {
    check(
      equalMessages(decoded(codec, encoded(codec, message)), message),
      `a full ${message.kind} came back changed`
    )
  }
}

function refusesBeyondCaps(trial: CodecTrial): void {
  const codec = trial.create()
  const generous = trial.createWithHigherCaps?.()
  for (const message of fullMessages(trial, 1)) {
    checkRefused(() => codec.encode(message), `encode of a ${message.kind} beyond the caps`)
    if (generous === undefined) continue
    const frame = encoded(generous, message)
    checkRefused(() => codec.decode(frame), `decode of a ${message.kind} beyond the caps`)
  }
}

function refusesInvalidMessages({ create, options: { carries, hasAges } }: CodecTrial): void {
  const codec = create()
  const invalid = [...invalidMessages(), ...(hasAges ? invalidAges() : [])]
  for (const [what, message] of invalid.filter(([, each]) => carries(each)))
    checkRefused(() => codec.encode(message), `encode of ${what}`)
}
