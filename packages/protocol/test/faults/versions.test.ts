/** Checks a group with two versions: kinds and fields that only the newer one supports do no harm. */

import { binaryCodec } from '@rumormill/codec-binary'
import { expect, it } from 'vitest'
import type { Codec, Transport } from '../../src/index.ts'
import { Lab } from './lab.ts'

/** What the next version adds to every message, after the fields of this one. */
const FIELD = Uint8Array.of(3, 1, 2, 3)
/** A message of a kind, and one of a version, that this version does not know. */
const STRANGE = [Uint8Array.of(1, 99, 5), Uint8Array.of(2, 1, 0, 0)]

/** Returns a codec of the next version, which adds a field to every message and skips unknown ones. */
function nextCodec(): Codec {
  const codec = binaryCodec()
  return {
    ...codec,
    contentLimit: (maxMessageBytes) => codec.contentLimit(maxMessageBytes - FIELD.length),
    encode: (message) => {
      const encoded = codec.encode(message)
      const frame = new Uint8Array(encoded.length + FIELD.length)
      frame.set(encoded)
      frame.set(FIELD, encoded.length)
      return frame
    }
  }
}

/** Sends messages of unknown kind and version before each of its own. */
function nextTransport(transport: Transport): Transport {
  return {
    maxMessageBytes: transport.maxMessageBytes,
    start: (receiver, options) => transport.start(receiver, options),
    watch: (peers) => transport.watch(peers),
    stop: () => transport.stop(),
    send: async (to, bytes, options) => {
      for (const frame of STRANGE) await transport.send(to, frame, options)
      return transport.send(to, bytes, options)
    }
  }
}

it('a group is upgraded node by node, without violations', async () => {
  const lab = new Lab()
  await lab.many(3)
  lab.wrap = nextTransport
  await lab.many(2, () => ({ codec: nextCodec() }))
  await lab.pass(5000)
  for (let n = 0; n < 100; n++) {
    lab.nodes[n % 5]!.gossip.submit(lab.bytes(n % 2 === 0 ? 100 : 10_000))
    await lab.pass(100)
  }
  await lab.pass(10_000)
  for (const { got, counts, gossip } of lab.nodes) {
    expect(got.size).toBe(80)
    expect([counts['violation'] ?? 0, counts['malformed'] ?? 0]).toEqual([0, 0])
    expect(gossip.stats().bannedPeers).toBe(0)
  }
  expect(lab.nodes[0]!.gossip.stats().dropped['unknown-message']).toBeGreaterThan(100)
})
