/** What the cases of the transport suite have in common: messages to send, and judgements on what came of it. */

import type { Address, GossipErrorCode } from '@rumormill/protocol'
import { check, equalBytes } from './message-checks.ts'
import type { Heard, Outcome, TransportTrial, TrialNode } from './transport-trial.ts'

/** `length` bytes that differ for each `seed` below 256, and along the message. */
export function patterned(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) bytes[index] = seed + 31 * index + 7 * (index >>> 8)
  return bytes
}

/** Four bytes that say `number`. */
export function numbered(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
}

/** The number that `bytes` say; `undefined` when they are not from {@link numbered}. */
export function numberOf(bytes: Uint8Array): number | undefined {
  return bytes.length === 4
    ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    : undefined
}

/** The code of a failed outcome; words for everything else. */
export function codeOf(outcome: Outcome): string {
  if (outcome.ok) return 'success'
  const { error } = outcome
  if (error instanceof Error && error.name === 'GossipError' && 'code' in error)
    return String(error.code)
  return `an error that is no GossipError (${String(error)})`
}

/** Fails unless `outcome` is a failure of one of `codes`. */
export function checkCode(
  what: string,
  outcome: Outcome,
  ...codes: readonly GossipErrorCode[]
): void {
  const code = codeOf(outcome)
  check(
    (codes as readonly string[]).includes(code),
    `${what}: expected ${codes.join(' or ')}, came ${code}`
  )
}

/** Fails unless `outcome` is a success, or a failure of one of `codes`. */
export function checkTaken(
  what: string,
  outcome: Outcome,
  ...codes: readonly GossipErrorCode[]
): void {
  const code = codeOf(outcome)
  check(outcome.ok || (codes as readonly string[]).includes(code), `${what}: came ${code}`)
}

/** Fails unless `outcome` is a success, or a `GossipError` of any code. */
export function checkTyped(what: string, outcome: Outcome): void {
  const code = codeOf(outcome)
  check(!code.includes(' '), `${what}: came ${code}`)
}

/** Sends a message that must be taken. */
export async function sendTaken(
  trial: TransportTrial,
  from: TrialNode,
  to: Address,
  bytes: Uint8Array
): Promise<void> {
  checkTaken(`a send to ${to}`, await trial.inTime(`a send to ${to}`, from.send(to, bytes)))
}

/** Waits for sends under way, all of which must be taken. */
export async function allTaken(
  trial: TransportTrial,
  what: string,
  sendings: readonly Promise<Outcome>[]
): Promise<void> {
  for (const outcome of await trial.inTime(what, Promise.all(sendings)))
    checkTaken(`one of ${what}`, outcome)
}

/** Waits until `node` has heard `bytes`, and gives the message. */
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

/** Fails when `node` has heard anything but `messages`. */
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

/** Shows that messages pass from one node to another, and back to where they came from. */
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
