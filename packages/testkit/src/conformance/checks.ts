/** Checks of messages and codecs, independent of the test runner. */

import { messageFault, type Codec, type Message } from '@rumormill/protocol/plugin'

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
  // How many parts a message may have is up to the options of the codec.
  const fault = messageFault(message, { view: Infinity, digests: Infinity, contents: Infinity })
  check(
    fault === undefined,
    `decode of ${origin} gave a message that is none (${fault}): ${show(frame)}`
  )
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
