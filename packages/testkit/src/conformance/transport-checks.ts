/** Helpers of the transport suite: messages to send, and checks of the results. */

import type { Address, GossipErrorCode } from '@rumormill/protocol/plugin'
import { check, equalBytes } from './checks.ts'
import type { Heard, CallResult, TransportTrial, TrialNode } from './transport-trial.ts'

/** Returns `length` bytes that differ for each `seed` below 256, and along the message. */
export function patterned(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) bytes[index] = seed + 31 * index + 7 * (index >>> 8)
  return bytes
}

/** Encodes `number` in four bytes. */
export function numbered(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
}

/** Decodes a number; `undefined` when `bytes` are not from {@link numbered}. */
export function numberOf(bytes: Uint8Array): number | undefined {
  return bytes.length === 4
    ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    : undefined
}

/** Returns the code of a failed result; a description of anything else. */
export function codeOf(result: CallResult): string {
  if (result.ok) return 'success'
  const { error } = result
  if (error instanceof Error && error.name === 'GossipError' && 'code' in error)
    return String(error.code)
  return `an error that is no GossipError (${String(error)})`
}

/** Throws unless `result` is a failure with one of `codes`. */
export function checkCode(
  what: string,
  result: CallResult,
  ...codes: readonly GossipErrorCode[]
): void {
  const code = codeOf(result)
  check(
    (codes as readonly string[]).includes(code),
    `${what}: expected ${codes.join(' or ')}, came ${code}`
  )
}

/** Throws unless `result` is a success, or a failure with one of `codes`. */
export function checkTaken(
  what: string,
  result: CallResult,
  ...codes: readonly GossipErrorCode[]
): void {
  const code = codeOf(result)
  check(result.ok || (codes as readonly string[]).includes(code), `${what}: came ${code}`)
}

/** Throws unless `result` is a success, or a `GossipError` with any code. */
export function checkTyped(what: string, result: CallResult): void {
  const code = codeOf(result)
  check(!code.includes(' '), `${what}: came ${code}`)
}

/** Sends a message, which must succeed. */
export async function sendTaken(
  trial: TransportTrial,
  from: TrialNode,
  to: Address,
  bytes: Uint8Array
): Promise<void> {
  checkTaken(`a send to ${to}`, await trial.inTime(`a send to ${to}`, from.send(to, bytes)))
}

/** Waits for pending sends, all of which must succeed. */
export async function allTaken(
  trial: TransportTrial,
  what: string,
  sendings: readonly Promise<CallResult>[]
): Promise<void> {
  for (const result of await trial.inTime(what, Promise.all(sendings)))
    checkTaken(`one of ${what}`, result)
}

/** Waits until `node` has received `bytes`, and returns the message. */
export async function heardBy(
  trial: TransportTrial,
  node: TrialNode,
  bytes: Uint8Array
): Promise<Heard> {
  const find = (): Heard | undefined => node.heard.find((each) => equalBytes(each.bytes, bytes))
  await trial.until(
    `a message of ${bytes.length} bytes did not arrive as it was sent`,
    () => find() !== undefined
  )
  return find()!
}

/** Throws if `node` has received anything except `messages`. */
export function checkHeardOnly(
  node: TrialNode,
  complaint: string,
  ...messages: readonly Uint8Array[]
): void {
  check(
    node.heard.every(({ bytes }) => messages.some((each) => equalBytes(each, bytes))),
    complaint
  )
}

/** Checks that messages pass from one node to another, and back to their sender. */
export async function checkAlive(
  trial: TransportTrial,
  from: TrialNode,
  to: TrialNode,
  words: Uint8Array
): Promise<void> {
  await sendTaken(trial, from, to.address, words.slice())
  const { from: sender } = await heardBy(trial, to, words)
  const answer = Uint8Array.of(...words, 0xaa)
  await sendTaken(trial, to, sender, answer.slice())
  await heardBy(trial, from, answer)
}
