/** Checks of messages and codecs, independent of the test runner. */

import {
  SYMBOL_UNIT_BYTES,
  DIGEST_BYTES,
  FINGERPRINT_BYTES,
  isAddress,
  MAX_AGE,
  MAX_SYMBOLS,
  MAX_CHECK,
  MAX_CONTENT_AGE,
  MAX_COUNT,
  MAX_SKETCH_BYTES,
  MAX_TREE,
  SHORT_ID_UNIT_BYTES,
  type Codec,
  type ContentResponse,
  type Message
} from '@rumormill/protocol'

/** Throws an Error with the message `complaint` unless `holds`. */
export function check(holds: boolean, complaint: string): asserts holds {
  if (!holds) throw new Error(complaint)
}

/** Returns whether both messages are equal, byte for byte. */
export function equalMessages(a: Message, b: Message): boolean {
  return equalParts(a, b)
}

/** Compares parts of messages: numbers, texts and bytes, in lists and objects. */
function equalParts(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b)
  }
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
    return Object.is(a, b)
  const names = Object.keys(a)
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(b).length &&
    names.every(
      (name) =>
        Object.hasOwn(b, name) && equalParts(a[name as keyof typeof a], b[name as keyof typeof b])
    )
  )
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** Returns a copy that shares no memory with `message`. */
export function copyOf<T>(message: T): T {
  if (message instanceof Uint8Array) return Uint8Array.from(message) as T
  if (Array.isArray(message)) return message.map(copyOf) as T
  if (typeof message !== 'object' || message === null) return message
  return Object.fromEntries(
    Object.entries(message).map(([name, part]) => [name, copyOf(part)])
  ) as T
}

/** Returns all byte arrays of `message`, in an order that does not depend on the codec. */
export function buffersOf(message: Message): readonly Uint8Array[] {
  const parts = Object.entries(message as object)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, part]) => part as unknown)
  return parts.filter((part): part is Uint8Array => part instanceof Uint8Array)
}

/** Encodes a correct message, which no codec may refuse. */
export function encoded(codec: Codec, message: Message): Uint8Array {
  return must(() => codec.encode(message), `encode of a ${message.kind}`)
}

/** Decodes the frame of a correct peer, which no codec may refuse. */
export function decoded(codec: Codec, frame: Uint8Array): Message {
  return must(() => codec.decode(frame), `decode of a correct frame (${show(frame)})`)
}

function must<T>(action: () => T, what: string): T {
  try {
    return action()
  } catch (error) {
    throw new Error(`${what} threw ${describe(error)}`, { cause: error })
  }
}

/** Decodes `frame`. Checks that a message is valid, and a refusal has one of the two codes. Returns `undefined` when refused. */
export function decodeSafely(codec: Codec, frame: Uint8Array, origin: string): Message | undefined {
  let message: Message
  try {
    message = codec.decode(frame)
  } catch (error) {
    const fault = `${describe(error)} instead of MALFORMED_MESSAGE`
    const isRefusal = isMalformed(error) || codeOf(error) === 'UNKNOWN_MESSAGE'
    check(isRefusal, `decode of ${origin} threw ${fault}: ${show(frame)}`)
    return undefined
  }
  const fault = faultOf(message)
  check(fault === undefined, `decode of ${origin} gave a message with ${fault}: ${show(frame)}`)
  return message
}

/** Runs `action`, which must throw MALFORMED_MESSAGE. */
export function checkRefused(action: () => unknown, what: string): void {
  try {
    action()
  } catch (error) {
    check(isMalformed(error), `${what} threw ${describe(error)} instead of MALFORMED_MESSAGE`)
    return
  }
  throw new Error(`${what} was accepted`)
}

/** Returns what is wrong with a decoded message, if anything. */
function faultOf(message: Message): string | undefined {
  if (typeof message !== 'object' || message === null) return 'no object'
  switch (message.kind) {
    case 'view-request':
    case 'view-response': {
      const isSound =
        Array.isArray(message.view) &&
        message.view.every(
          ({ address, age }) =>
            isAddress(address) && Number.isInteger(age) && age >= 0 && age <= MAX_AGE
        )
      return isSound ? undefined : 'a view with other entries than addresses and ages'
    }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
    case 'ihave': {
      const isSound =
        message.digests instanceof Uint8Array && message.digests.length % DIGEST_BYTES === 0
      return isSound ? undefined : 'digests that are not a block of bytes'
    }
    case 'sketch-request':
      return (
        faultOfBytes(message.fingerprint, 1, FINGERPRINT_BYTES) ??
        faultOfNumber(message.first, MAX_SYMBOLS) ??
        faultOfNumber(message.count, MAX_SYMBOLS)
      )
    case 'sketch-response':
      return (
        faultOfBytes(message.fingerprint, 1, FINGERPRINT_BYTES) ??
        faultOfNumber(message.updates, MAX_COUNT) ??
        faultOfNumber(message.first, MAX_SYMBOLS) ??
        faultOfBytes(message.symbols, SYMBOL_UNIT_BYTES, MAX_SKETCH_BYTES)
      )
    case 'difference-request':
      return (
        faultOfBytes(message.digests, DIGEST_BYTES, Infinity) ??
        faultOfBytes(message.ids, SHORT_ID_UNIT_BYTES, MAX_SKETCH_BYTES)
      )
    case 'neighbor':
      return undefined
    case 'prune':
      return faultOfNumber(message.tree, MAX_TREE)
    case 'refused':
      return (
        faultOfNumber(message.tree, MAX_TREE) ??
        faultOfBytes(message.digests, DIGEST_BYTES, Infinity)
      )
    case 'content-response':
      return faultOfContents(message)
    case 'eager-push':
      return (
        faultOfNumber(message.tree, MAX_TREE) ??
        faultOfNumber(message.check, MAX_CHECK) ??
        faultOfContents(message)
      )
    default:
      return 'an unknown kind'
  }
}

function faultOfNumber(number: number, most: number): string | undefined {
  return Number.isInteger(number) && number >= 0 && number <= most
    ? undefined
    : 'a number out of range'
}

function faultOfBytes(bytes: Uint8Array, unitBytes: number, mostBytes: number): string | undefined {
  const isSound =
    bytes instanceof Uint8Array && bytes.length % unitBytes === 0 && bytes.length <= mostBytes
  return isSound ? undefined : 'bytes of a wrong length'
}

function faultOfContents({
  contents,
  ages
}: Pick<ContentResponse, 'contents' | 'ages'>): string | undefined {
  const isSound =
    Array.isArray(contents) && contents.every((content) => content instanceof Uint8Array)
  if (!isSound) return 'contents that are not bytes'
  if (!Array.isArray(ages) || ages.length !== contents.length) return 'not an age for each content'
  return ages.map((age) => faultOfNumber(age, MAX_CONTENT_AGE)).find((fault) => fault !== undefined)
}

function isMalformed(error: unknown): boolean {
  return codeOf(error) === 'MALFORMED_MESSAGE'
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { code?: unknown }).code : undefined
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name} (${error.message})` : typeof error
}

/** Returns the first bytes of a frame in hex; short frames are complete. */
export function show(frame: Uint8Array): string {
  const hex = Array.from(frame.subarray(0, 96), (byte) => byte.toString(16).padStart(2, '0')).join(
    ''
  )
  return frame.length > 96 ? `${hex}... (${frame.length} bytes)` : hex
}
