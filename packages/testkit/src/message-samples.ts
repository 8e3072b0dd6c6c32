/** Messages for tests of codecs: edge cases, and random messages. */

import {
  SYMBOL_UNIT_BYTES,
  DIGEST_BYTES,
  FINGERPRINT_BYTES,
  MAX_ADDRESS_BYTES,
  MAX_AGE,
  MAX_SYMBOLS,
  MAX_CHECK,
  MAX_CONTENT_AGE,
  MAX_COUNT,
  MAX_TREE,
  pick,
  SHORT_ID_UNIT_BYTES,
  type Address,
  type Message,
  type Peer,
  type Rng
} from '@rumormill/protocol'

/** Addresses that a codec must not change: those of every transport, and the longest and most unusual ones. */
const EDGE_ADDRESSES: readonly Address[] = [
  '127.0.0.1:9000',
  '[2001:db8::1]:65535',
  '/ip4/10.0.0.1/tcp/9001/p2p/12D3KooWQRfaX6vvB3FzYc7HgvCXjTRhK7TyQeYsgiwkvNHPQbLx',
  'a',
  'a'.repeat(MAX_ADDRESS_BYTES),
  'ü'.repeat(MAX_ADDRESS_BYTES / 2),
  '😀'.repeat(MAX_ADDRESS_BYTES / 4),
  'häuser.example:80',
  '\u0000"\\/\n\u001f\u007f',
  '\ufeffmark',
  '\u2028\u2029',
  '__proto__'
]

/** Ages that are encoded in one to four bytes, at both ends of each range. */
const EDGE_CONTENT_AGES = [0, 1, 63, 64, 8191, 8192, 2 ** 20, MAX_CONTENT_AGE - 1, MAX_CONTENT_AGE]

const EDGE_AGES = [0, 1, 127, 128, 255, 256, 16_383, 16_384, MAX_AGE]

/** Returns messages of all kinds, from empty ones to the limits of a message, except for the caps on counts. */
export function edgeMessages(): readonly Message[] {
  const view = EDGE_ADDRESSES.map((address, index) => ({
    address,
    age: EDGE_AGES[index % EDGE_AGES.length]!
  }))
  const digests = Uint8Array.from({ length: 3 * DIGEST_BYTES }, (_, index) => 255 - index)
  const contents = [1, 2, 3, 64, 65, 127, 128, 129, 2049].map((length) =>
    new Uint8Array(length).fill(length)
  )
  const ages = EDGE_CONTENT_AGES
  return [
    { kind: 'view-request', view: [] },
    { kind: 'view-response', view: [] },
    { kind: 'digest-request', digests: new Uint8Array(0) },
    { kind: 'digest-response', digests: new Uint8Array(0) },
    { kind: 'content-request', digests: new Uint8Array(0) },
    { kind: 'neighbor' },
    { kind: 'ihave', digests: new Uint8Array(0) },
    { kind: 'content-response', contents: [], ages: [] },
    { kind: 'view-request', view },
    { kind: 'view-response', view: EDGE_AGES.map((age) => ({ address: '[::1]:1', age })) },
    ...view.map((peer): Message => ({ kind: 'view-request', view: [peer] })),
    { kind: 'digest-request', digests },
    { kind: 'digest-response', digests },
    { kind: 'content-request', digests },
    { kind: 'ihave', digests },
    { kind: 'content-response', contents, ages },
    {
      kind: 'content-response',
      contents: [Uint8Array.from({ length: 256 }, (_, index) => index)],
      ages: [7]
    },
    { kind: 'eager-push', tree: 0, check: 0, contents: [], ages: [] },
    { kind: 'eager-push', tree: MAX_TREE, check: MAX_CHECK, contents, ages },
    ...[0, 1, 127, 128, 16_384, 2 ** 21, MAX_TREE].map((tree): Message => ({
      kind: 'prune',
      tree
    })),
    { kind: 'refused', tree: 0, digests: new Uint8Array(0) },
    { kind: 'refused', tree: MAX_TREE, digests },
    ...edgeSketches(digests)
  ]
}

function edgeSketches(digests: Uint8Array): readonly Message[] {
  const fingerprint = Uint8Array.from({ length: FINGERPRINT_BYTES }, (_, index) => index)
  return [
    { kind: 'sketch-request', fingerprint, first: 0, count: 0 },
    {
      kind: 'sketch-request',
      fingerprint: fingerprint.toReversed(),
      first: 127,
      count: MAX_SYMBOLS
    },
    { kind: 'sketch-response', fingerprint, updates: 0, first: 0, symbols: new Uint8Array(0) },
    {
      kind: 'sketch-response',
      fingerprint,
      updates: MAX_COUNT,
      first: MAX_SYMBOLS,
      symbols: new Uint8Array(60).fill(200)
    },
    { kind: 'difference-request', digests: new Uint8Array(0), ids: new Uint8Array(0) },
    { kind: 'difference-request', digests, ids: new Uint8Array(48).fill(255) }
  ]
}

/** Returns a random message of any kind: up to 16 parts, contents of up to a few hundred bytes. Reproducible by the seed. */
export function randomMessage(rng: Rng): Message {
  switch (rng.below(14)) {
    case 0:
      return { kind: 'view-request', view: times(rng, 16, randomPeer) }
    case 1:
      return { kind: 'view-response', view: times(rng, 16, randomPeer) }
    case 2:
      return { kind: 'digest-request', digests: randomBytes(rng, rng.below(17) * DIGEST_BYTES) }
    case 3:
      return { kind: 'digest-response', digests: randomBytes(rng, rng.below(17) * DIGEST_BYTES) }
    case 4:
      return { kind: 'content-request', digests: randomBytes(rng, rng.below(17) * DIGEST_BYTES) }
    case 5:
      return { kind: 'ihave', digests: randomBytes(rng, rng.below(17) * DIGEST_BYTES) }
    case 13:
      return { kind: 'neighbor' }
    case 6:
      return { kind: 'prune', tree: rng.below(MAX_TREE + 1) }
    case 7:
      return {
        kind: 'eager-push',
        tree: rng.below(MAX_TREE + 1),
        check: rng.below(MAX_CHECK + 1),
        ...randomContents(rng)
      }
    case 8:
      return {
        kind: 'sketch-request',
        fingerprint: randomFingerprint(rng),
        first: rng.below(MAX_SYMBOLS + 1),
        count: rng.below(MAX_SYMBOLS + 1)
      }
    case 9:
      return {
        kind: 'sketch-response',
        fingerprint: randomFingerprint(rng),
        updates: rng.below(MAX_COUNT + 1),
        first: rng.below(MAX_SYMBOLS + 1),
        symbols: randomBytes(rng, rng.below(60) * SYMBOL_UNIT_BYTES)
      }
    case 10:
      return {
        kind: 'difference-request',
        digests: randomBytes(rng, rng.below(9) * DIGEST_BYTES),
        ids: randomBytes(rng, rng.below(9) * SHORT_ID_UNIT_BYTES)
      }
    case 11:
      return {
        kind: 'refused',
        tree: rng.below(MAX_TREE + 1),
        digests: randomBytes(rng, rng.below(9) * DIGEST_BYTES)
      }
    default:
      return { kind: 'content-response', ...randomContents(rng) }
  }
}

function randomFingerprint(rng: Rng): Uint8Array {
  return randomBytes(rng, FINGERPRINT_BYTES)
}

function randomContents(rng: Rng): { contents: Uint8Array[]; ages: number[] } {
  const contents = times(rng, 8, () => randomBytes(rng, 1 + rng.below(300)))
  return { contents, ages: contents.map(() => rng.below(2 ** (1 + rng.below(27)))) }
}

/** Returns `length` random bytes. */
export function randomBytes(rng: Rng, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => rng.below(256))
}

/** Returns `frame` with one mutation: bytes changed, cut, repeated, inserted, or a bit flipped. */
export function mutate(frame: Uint8Array, rng: Rng): Uint8Array {
  if (frame.length === 0) return randomBytes(rng, 1 + rng.below(8))
  const at = rng.below(frame.length + 1)
  switch (rng.below(6)) {
    case 0:
      return frame.slice(0, at)
    case 1:
      return joined(frame.subarray(0, at), randomBytes(rng, 1 + rng.below(8)), frame.subarray(at))
    case 2:
      return joined(frame.subarray(0, at), frame.subarray(rng.below(frame.length + 1)))
    case 3:
      return joined(frame, frame.subarray(at))
    case 4: {
      const changed = Uint8Array.from(frame)
      for (let count = 1 + rng.below(4); count > 0; count--)
        changed[rng.below(frame.length)] = rng.below(256)
      return changed
    }
    default: {
      const changed = Uint8Array.from(frame)
      const bit = rng.below(frame.length * 8)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      return changed
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function randomPeer(rng: Rng): Peer {
  return {
    address: randomAddress(rng),
    age: rng.below(4) === 0 ? rng.below(MAX_AGE + 1) : rng.below(40)
  }
}

function randomAddress(rng: Rng): Address {
  if (rng.below(8) === 0) return pick(EDGE_ADDRESSES, rng)!
  return `10.${rng.below(256)}.${rng.below(256)}.${rng.below(256)}:${rng.below(65_536)}`
}

function times<T>(rng: Rng, most: number, make: (rng: Rng) => T): T[] {
  return Array.from({ length: rng.below(most + 1) }, () => make(rng))
}
