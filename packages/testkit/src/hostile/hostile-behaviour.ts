/** Messages and reactions of hostile peers, which tests combine to attacks. They are random by the given rng. */

import {
  DIGEST_BYTES,
  type Address,
  type Message,
  type MessageOf,
  type Peer,
  type Rng
} from '@rumormill/protocol/plugin'
import { randomBytes } from '../message-samples.ts'
import type { Reaction } from './hostile-peer.ts'

/** Offers `count` updates that do not exist, so that a node waits for contents that never arrive. */
export function fakeOffer(count: number, rng: Rng): MessageOf<'digest-request'> {
  return { kind: 'digest-request', digests: randomBytes(rng, count * DIGEST_BYTES) }
}

/** Returns a view of `count` unreachable addresses with age 0, to displace live peers. */
export function crowdedView(count: number, rng: Rng): MessageOf<'view-request'> {
  const nobody = (): Peer => ({ address: `nobody-${hexOf(randomBytes(rng, 8))}`, age: 0 })
  return { kind: 'view-request', view: Array.from({ length: count }, nobody) }
}

/** Returns a view with `count` entries of age 0 for one `address`: its receiver, or a promoted peer. */
export function repeatedView(address: Address, count: number): MessageOf<'view-request'> {
  return { kind: 'view-request', view: Array.from({ length: count }, () => ({ address, age: 0 })) }
}

/** Returns unsolicited responses, one of each kind, each with one item that does not exist. */
export function unsolicitedResponses(rng: Rng): readonly Message[] {
  return [
    { kind: 'view-response', view: crowdedView(1, rng).view },
    { kind: 'digest-response', digests: randomBytes(rng, DIGEST_BYTES) },
    { kind: 'content-response', contents: [randomBytes(rng, 100)], ages: [0] }
  ]
}

/** Returns `count` messages of 1 to 64 random bytes. A codec may decode one by chance, and takes many for unknown versions. */
export function garbage(count: number, rng: Rng): readonly Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(rng, 1 + rng.below(64)))
}

/** Answers each request for contents with as many contents of `bytes` bytes that were not requested. */
export function wrongContents(bytes: number, rng: Rng): Reaction {
  return (message) => {
    if (message.kind !== 'content-request') return undefined
    const count = message.digests.length / DIGEST_BYTES
    const contents = Array.from({ length: count }, () => randomBytes(rng, bytes))
    return { kind: 'content-response', contents, ages: contents.map(() => 0) }
  }
}

/** Answers each view request with `view`. */
export function answerViews(view: readonly Peer[]): Reaction {
  return (message) =>
    message.kind === 'view-request' ? { kind: 'view-response', view } : undefined
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
