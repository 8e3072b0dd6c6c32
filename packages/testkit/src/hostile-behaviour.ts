/** What hostile peers say: attacks in single messages, to be combined by tests. All are decided by the rng. */

import {
  DIGEST_BYTES,
  type Address,
  type DigestRequest,
  type Message,
  type Peer,
  type Rng,
  type ViewRequest
} from '@rumormill/protocol'
import type { Reaction } from './hostile-peer.ts'
import { randomBytes } from './message-samples.ts'

/** Offers `count` updates that do not exist: who believes it waits for contents in vain. */
export function fakeOffer(count: number, rng: Rng): DigestRequest {
  return { kind: 'digest-request', digests: randomBytes(rng, count * DIGEST_BYTES) }
}

/** A view of `count` addresses where nobody is, each as fresh as can be, to crowd out the living. */
export function crowdedView(count: number, rng: Rng): ViewRequest {
  const nobody = (): Peer => ({ address: `nobody-${hexOf(randomBytes(rng, 8))}`, age: 0 })
  return { kind: 'view-request', view: Array.from({ length: count }, nobody) }
}

/** A view of `count` entries of age 0 that names `address` again and again: its receiver, or somebody to believe in. */
export function repeatedView(address: Address, count: number): ViewRequest {
  return { kind: 'view-request', view: Array.from({ length: count }, () => ({ address, age: 0 })) }
}

/** Answers to questions that nobody has asked, one of each kind, each naming one thing that does not exist. */
export function unsolicitedResponses(rng: Rng): readonly Message[] {
  return [
    { kind: 'view-response', view: crowdedView(1, rng).view },
    { kind: 'digest-response', digests: randomBytes(rng, DIGEST_BYTES) },
    { kind: 'content-response', contents: [randomBytes(rng, 100)], ages: [0] }
  ]
}

/** `count` messages of 1 to 64 random bytes. A codec may understand one by chance, and takes many for messages of versions that it does not know. */
export function garbage(count: number, rng: Rng): readonly Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(rng, 1 + rng.below(64)))
}

/** Answers each request for contents with as many of `bytes` bytes, none of which was asked for. */
export function wrongContents(bytes: number, rng: Rng): Reaction {
  return (message) => {
    if (message.kind !== 'content-request') return undefined
    const count = message.digests.length / DIGEST_BYTES
    const contents = Array.from({ length: count }, () => randomBytes(rng, bytes))
    return { kind: 'content-response', contents, ages: contents.map(() => 0) }
  }
}

/** Answers each request for a view with `view`, whatever it holds. */
export function answerViews(view: readonly Peer[]): Reaction {
  return (message) =>
    message.kind === 'view-request' ? { kind: 'view-response', view } : undefined
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
