import { createServer, type AddressInfo } from 'node:net'
import { digestOf } from '@rumormill/protocol'
import {
  DIGEST_BYTES,
  type Codec,
  type Message,
  type Receiver,
  type Transport
} from '@rumormill/protocol/plugin'
import { codecConformance, transportConformance, withExceptions } from '@rumormill/testkit'
import { describe, test } from 'vitest'
import { parseAddress } from '../src/address.ts'
import { crateCodec } from '../src/crate-codec.ts'
import { gossipCrate } from '../src/index.ts'
import { UNKNOWN_TO_THE_CRATE } from '../src/wire.ts'

/**
 * The crate knows no neighbors, trees and sketches, and its contents are a map: nothing stands there twice. Its addresses are IP addresses
 * with a port; cborg takes a byte order mark at the start of a text for none of the text.
 */
function carries(message: Message): boolean {
  if ('view' in message) return message.view.every(({ address }) => !address.startsWith('\ufeff'))
  if (UNKNOWN_TO_THE_CRATE.includes(message.kind)) return false
  if (message.kind === 'content-response') return isDistinct(message.contents.map(digestOf))
  if (message.kind !== 'content-request') return true
  const { digests } = message
  return isDistinct(
    Array.from({ length: digests.length / DIGEST_BYTES }, (_, index) =>
      digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES).join()
    )
  )
}

function isDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}

describe('the codec conforms to the Codec port', () => {
  // Not that of a pair: its messages name the address of its transport, so no two would encode alike.
  const create = (): Codec =>
    crateCodec(() => '127.0.0.1:9000', { maxDigests: 6000 }, new WeakMap())
  for (const { name, run } of codecConformance(create, {
    carries,
    // The crate's contents have none: here they begin anew.
    hasAges: false,
    maxDigests: 6000,
    maxContents: 6000
  }))
    test(name, () => run())
})

/** The suite sends any bytes; this transport reads who says a message, so they travel as a content. */
function anyBytes(address: string | undefined): Transport {
  const { transport, codec } = gossipCrate({
    maxMessageBytes: 2 ** 20,
    ...(address === undefined ? {} : parseAddress(address))
  })
  const maxMessageBytes = codec.contentLimit(transport.maxMessageBytes)
  const unwrapped = ({ receive, fail, lost }: Receiver): Receiver => ({
    receive: (from, frame) => {
      const message = codec.decode(frame)
      if (message.kind === 'content-response') receive(from, message.contents[0]!)
    },
    fail,
    lost
  })
  return {
    maxMessageBytes,
    start: (receiver, options) => transport.start(unwrapped(receiver), options),
    send: async (to, bytes, options) => {
      // Before the start there is no address to name, and what is too long is too long for the transport.
      const isPlain = bytes.length > maxMessageBytes || !isStarted(codec)
      const frame = isPlain
        ? new Uint8Array(transport.maxMessageBytes + 1)
        : codec.encode({ kind: 'content-response', contents: [bytes], ages: [0] })
      return transport.send(to, frame, options)
    },
    watch: (peers) => transport.watch(peers),
    stop: () => transport.stop()
  }
}

function isStarted(codec: Codec): boolean {
  try {
    codec.encode({ kind: 'view-request', view: [] })
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('the transport conforms to the Transport port', async () => {
  const cases = transportConformance(({ address } = {}) => anyBytes(address), {
    unreachable: `127.0.0.1:${await freePort()}`,
    reusesAddresses: true,
    timeoutMs: 60_000
  })
  const exceptions = {
    'reports peers of another protocol, on both sides':
      "the crate's messages name no group and no version"
  }
  for (const { name, run } of withExceptions(cases, exceptions)) test(name, () => run())
})
