/** The nine messages for the comparison of codecs: typical gossip messages, from one digest to a megabyte. */

import {
  createRng,
  DIGEST_BYTES,
  type Message,
  type Peer,
  type Rng
} from '@rumormill/protocol/plugin'

/** A message and its short name in tables. */
export interface Sample {
  readonly name: string
  readonly message: Message
}

/** Returns the samples, the same ones on every machine. */
export function samples(): readonly Sample[] {
  const rng = createRng(1)
  return [
    { name: 'S15', message: { kind: 'view-request', view: view(15, rng, hostAndPort) } },
    { name: 'S30', message: { kind: 'view-response', view: view(30, rng, multiaddr) } },
    { name: 'H1', message: { kind: 'digest-request', digests: bytes(DIGEST_BYTES, rng) } },
    { name: 'H100', message: { kind: 'digest-request', digests: bytes(100 * DIGEST_BYTES, rng) } },
    {
      name: 'H10k',
      message: { kind: 'digest-response', digests: bytes(10_000 * DIGEST_BYTES, rng) }
    },
    { name: 'R100', message: { kind: 'content-request', digests: bytes(100 * DIGEST_BYTES, rng) } },
    { name: 'C64', message: response(contents(1, 64, rng)) },
    { name: 'C10x1K', message: response(contents(10, 1024, rng)) },
    { name: 'C1M', message: response(contents(1, 1024 * 1024, rng)) }
  ]
}

function view(count: number, rng: Rng, address: (rng: Rng) => string): Peer[] {
  return Array.from({ length: count }, () => ({ address: address(rng), age: rng.below(40) }))
}

function hostAndPort(rng: Rng): string {
  return `10.${rng.below(256)}.${rng.below(256)}.${rng.below(256)}:${1024 + rng.below(60_000)}`
}

/** Returns a text as long as the address of a libp2p node: a host, a port and a peer id. */
function multiaddr(rng: Rng): string {
  const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const key = Array.from({ length: 44 }, () => letters[rng.below(letters.length)]).join('')
  return `/ip4/10.0.${rng.below(256)}.${rng.below(256)}/tcp/9001/p2p/12D3KooW${key}`
}

/** Returns contents with ages of a few seconds, as those of updates that are still spreading. */
function response(list: Uint8Array[]): Message {
  return { kind: 'content-response', contents: list, ages: list.map((_, index) => 5 * index) }
}

function contents(count: number, sizeBytes: number, rng: Rng): Uint8Array[] {
  return Array.from({ length: count }, () => bytes(sizeBytes, rng))
}

function bytes(sizeBytes: number, rng: Rng): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, () => rng.below(256))
}
