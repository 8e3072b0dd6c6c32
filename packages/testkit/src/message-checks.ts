/** What must hold of messages and codecs, each check with its own complaint. Free of test runners. */
import { DIGEST_BYTES, isAddress, MAX_AGE, MAX_CHECK, MAX_TREE, type Codec, type Message } from '@rumormill/protocol'

/** Throws an Error that says `complaint` unless `holds`. */
export function check(holds: boolean, complaint: string): asserts holds {
  if (!holds) throw new Error(complaint)
}

/** Whether both are the same message, byte for byte. */
export function equalMessages(a: Message, b: Message): boolean {
  if (a.kind !== b.kind) return false
  if ('view' in a && 'view' in b) {
    return a.view.length === b.view.length &&
      a.view.every(({ address, age }, index) =>
        address === b.view[index]!.address && Object.is(age, b.view[index]!.age))
  }
  if ('digests' in a && 'digests' in b) return equalBytes(a.digests, b.digests)
  if ('tree' in a && 'tree' in b && !Object.is(a.tree, b.tree)) return false
  if ('check' in a && 'check' in b && !Object.is(a.check, b.check)) return false
  if (a.kind === 'prune') return true
  return 'contents' in a && 'contents' in b && a.contents.length === b.contents.length &&
    a.contents.every((content, index) => equalBytes(content, b.contents[index]!))
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** A copy that shares no memory with `message`. */
export function copyOf(message: Message): Message {
  if ('view' in message) return { ...message, view: message.view.map((peer) => ({ ...peer })) }
  if ('digests' in message) return { ...message, digests: Uint8Array.from(message.digests) }
  if (message.kind === 'prune') return { ...message }
  return { ...message, contents: message.contents.map((content) => Uint8Array.from(content)) }
}

/** All the memory that `message` holds. */
export function buffersOf(message: Message): readonly Uint8Array[] {
  if ('digests' in message) return [message.digests]
  return 'contents' in message ? message.contents : []
}

/** The frame of an honest message, which no codec may refuse. */
export function encoded(codec: Codec, message: Message): Uint8Array {
  return must(() => codec.encode(message), `encode of a ${message.kind}`)
}

/** The message in the frame of an honest peer, which no codec may refuse. */
export function decoded(codec: Codec, frame: Uint8Array): Message {
  return must(() => codec.decode(frame), `decode of an honest frame (${show(frame)})`)
}

function must<T>(action: () => T, what: string): T {
  try {
    return action()
  } catch (error) {
    throw new Error(`${what} threw ${describe(error)}`, { cause: error })
  }
}

/** Decodes `frame`; a message must be sound, a refusal must be MALFORMED_MESSAGE. `undefined` when refused. */
export function decodeSafely(codec: Codec, frame: Uint8Array, origin: string): Message | undefined {
  let message: Message
  try {
    message = codec.decode(frame)
  } catch (error) {
    const fault = `${describe(error)} instead of MALFORMED_MESSAGE`
    check(isMalformed(error), `decode of ${origin} threw ${fault}: ${show(frame)}`)
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

/** What is wrong with a decoded message, if anything. */
function faultOf(message: Message): string | undefined {
  if (typeof message !== 'object' || message === null) return 'no object'
  switch (message.kind) {
    case 'view-request':
    case 'view-response': {
      const isSound = Array.isArray(message.view) && message.view.every(({ address, age }) =>
        isAddress(address) && Number.isInteger(age) && age >= 0 && age <= MAX_AGE)
      return isSound ? undefined : 'a view of anything but addresses and ages'
    }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
    case 'announcement': {
      const isSound = message.digests instanceof Uint8Array && message.digests.length % DIGEST_BYTES === 0
      return isSound ? undefined : 'digests that are no block'
    }
    case 'prune':
      return faultOfNumber(message.tree, MAX_TREE)
    case 'content-response':
      return faultOfContents(message.contents)
    case 'content-push':
      return faultOfNumber(message.tree, MAX_TREE) ?? faultOfNumber(message.check, MAX_CHECK) ?? faultOfContents(message.contents)
    default:
      return 'an unknown kind'
  }
}

function faultOfNumber(number: number, most: number): string | undefined {
  return Number.isInteger(number) && number >= 0 && number <= most ? undefined : 'a tree or a check out of range'
}

function faultOfContents(contents: readonly Uint8Array[]): string | undefined {
  const isSound = Array.isArray(contents) && contents.every((content) => content instanceof Uint8Array)
  return isSound ? undefined : 'contents that are no bytes'
}

function isMalformed(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'MALFORMED_MESSAGE'
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name} (${error.message})` : typeof error
}

/** The first bytes of a frame in hex, enough to try it again by hand when it is short. */
export function show(frame: Uint8Array): string {
  const hex = Array.from(frame.subarray(0, 96), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return frame.length > 96 ? `${hex}... (${frame.length} bytes)` : hex
}
