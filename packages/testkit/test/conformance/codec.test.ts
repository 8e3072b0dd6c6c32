import { binaryCodec } from '@rumormill/codec-binary'
import { GossipError, type Codec, type Message } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import { codecConformance, type CodecConformanceOptions } from '../../src/index.ts'

/** A sound codec with one thing broken. */
function broken(fault: (sound: Codec) => Partial<Codec>): () => Codec {
  return () => {
    const sound = binaryCodec()
    return { ...sound, ...fault(sound) }
  }
}

const quick: CodecConformanceOptions = {
  rounds: 40,
  createWithHigherCaps: () => binaryCodec({ maxDigests: 9000, maxPeers: 300, maxContents: 3000 })
}

const faults: readonly { fault: string; caughtBy: string; create: () => Codec }[] = [
  {
    fault: 'a name with a space',
    caughtBy: 'has a name of lower-case letters, digits and dashes',
    create: broken(() => ({ name: 'my codec' }))
  },
  {
    fault: 'a kind that comes back as another',
    caughtBy: 'decodes every kind of message as it was encoded',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const message = decode(bytes)
        return message.kind === 'view-response' ? { ...message, kind: 'view-request' } : message
      }
    }))
  },
  {
    fault: 'ages cut to eight bits',
    caughtBy: 'decodes every kind of message as it was encoded',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const message = decode(bytes)
        if (!('view' in message)) return message
        return {
          ...message,
          view: message.view.map(({ address, age }) => ({ address, age: age & 0xff }))
        }
      }
    }))
  },
  {
    fault: 'the sixth content is lost',
    caughtBy: 'decodes random messages as they were encoded',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const message = decode(bytes)
        return 'contents' in message
          ? { ...message, contents: message.contents.slice(0, 5) }
          : message
      }
    }))
  },
  {
    fault: 'frames that are numbered',
    caughtBy: 'gives equal bytes for equal messages',
    create: broken(({ encode, decode }) => {
      let number = 0
      return {
        encode: (message) => Uint8Array.of(...encode(message), number++ & 0xff),
        decode: (bytes) => decode(bytes.subarray(0, -1))
      }
    })
  },
  {
    fault: 'one output buffer for all',
    caughtBy: 'never changes encoded bytes later',
    create: broken(({ encode }) => {
      const output = new Uint8Array(2 ** 21)
      return {
        encode: (message) => {
          const frame = encode(message)
          output.set(frame)
          return output.subarray(0, frame.length)
        }
      }
    })
  },
  {
    fault: 'a frame that is the content itself',
    caughtBy: 'shares no memory with the message it encodes',
    create: () => inlineCodec({ copyOnEncode: false, copyOnDecode: true })
  },
  {
    fault: 'digests that are views of the input',
    caughtBy: 'keeps no large buffer alive through decoded messages',
    create: () => inlineCodec({ copyOnEncode: true, copyOnDecode: false })
  },
  {
    fault: 'small contents that are views of the input',
    caughtBy: 'keeps no large buffer alive through decoded messages',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const message = decode(bytes)
        if (message.kind !== 'content-response') return message
        const view = (content: Uint8Array): Uint8Array => {
          const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(content)
          return bytes.subarray(at, at + content.length)
        }
        return { ...message, contents: message.contents.map(view) }
      }
    }))
  },
  {
    fault: 'one buffer for all decoded digests',
    caughtBy: 'never changes decoded messages later',
    create: broken(({ decode }) => {
      const shared = new Uint8Array(2 ** 18)
      return {
        decode: (bytes) => {
          const message = decode(bytes)
          if (!('digests' in message)) return message
          shared.set(message.digests)
          return { ...message, digests: shared.subarray(0, message.digests.length) }
        }
      }
    })
  },
  {
    fault: 'the whole buffer read instead of the view',
    caughtBy: 'decodes bytes inside a larger buffer',
    create: broken(({ encode, decode }) => ({
      encode: (message) => encode(message).slice(),
      decode: (bytes) => decode(new Uint8Array(bytes.buffer, 0, bytes.length))
    }))
  },
  {
    fault: 'a limit that wavers',
    caughtBy: 'has a content limit that is an integer and never decreases',
    create: broken(() => ({ contentLimit: (size) => Math.max(0, size - 40 + (size % 7)) }))
  },
  {
    fault: 'a limit without room for the frame',
    caughtBy: 'fits one content of the content limit',
    create: broken(() => ({ contentLimit: (size) => size }))
  },
  {
    fault: 'twenty bytes around each content',
    caughtBy: 'fits batches of contents within the content limit',
    create: broken(({ encode, decode, contentLimit }) => ({
      contentLimit: (size) => Math.max(0, contentLimit(size - 20)),
      encode: (message) =>
        pad(encode(message), 'contents' in message ? 20 * message.contents.length : 0),
      decode: (bytes) => decode(unpad(bytes))
    }))
  },
  {
    fault: 'seventy bytes per digest',
    caughtBy: 'fits digests within the content limit',
    create: broken(({ encode, decode }) => ({
      encode: (message) =>
        pad(encode(message), 'digests' in message ? (message.digests.length / 32) * 38 : 0),
      decode: (bytes) => decode(unpad(bytes))
    }))
  },
  {
    fault: 'caps lower than stated',
    caughtBy: 'carries as many parts as its caps allow',
    create: broken(({ encode }) => ({
      encode: (message) => {
        if ('view' in message && message.view.length > 100)
          throw new GossipError('MALFORMED_MESSAGE', 'too many')
        return encode(message)
      }
    }))
  },
  {
    fault: 'caps on encode only',
    caughtBy: 'refuses one part more than its caps allow',
    create: broken(() => ({ decode: (bytes) => quick.createWithHigherCaps!().decode(bytes) }))
  },
  {
    fault: 'a URIError for a lone surrogate',
    caughtBy: 'refuses to encode what decode would refuse',
    create: broken(({ encode }) => ({
      encode: (message) => {
        if ('view' in message) message.view.forEach(({ address }) => encodeURIComponent(address))
        return encode(message)
      }
    }))
  },
  {
    fault: 'a RangeError for frames cut short',
    caughtBy: 'survives every truncation',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        if (bytes?.length === 1) throw new RangeError('offset out of bounds')
        return decode(bytes)
      }
    }))
  },
  {
    fault: 'an age beyond the highest',
    caughtBy: 'survives every flipped bit',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const message = decode(bytes)
        if (!('view' in message)) return message
        return {
          ...message,
          view: message.view.map((peer) => (peer.age === 3 ? { ...peer, age: 65_536 } : peer))
        }
      }
    }))
  },
  {
    fault: 'a TypeError for a rare first byte',
    caughtBy: 'survives mutated frames',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        if (bytes instanceof Uint8Array && bytes[0]! >= 0x90)
          throw new TypeError('undefined is not a function')
        return decode(bytes)
      }
    }))
  },
  {
    fault: 'a made-up message for a frame of one kind of nonsense',
    caughtBy: 'survives random bytes',
    create: broken(({ decode }) => ({
      decode: (bytes) => (bytes?.[0] === 0xab ? ({ kind: 'nonsense' } as never) : decode(bytes))
    }))
  },
  {
    fault: 'bytes after the end change the message',
    caughtBy: 'refuses bytes after the end, or skips them',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const message = decode(bytes)
        const isLonger = message.kind === 'prune' && bytes.at(-1) === 0x7f
        return isLonger ? { ...message, tree: message.tree ^ 1 } : message
      }
    }))
  },
  {
    fault: 'a TypeError for what is not bytes',
    caughtBy: 'refuses what is not bytes',
    create: broken(({ decode }) => ({ decode: (bytes) => (bytes.subarray(0), decode(bytes)) }))
  },
  {
    fault: 'a long look at large frames',
    caughtBy: 'answers a megabyte of nonsense within a second',
    create: broken(({ decode }) => ({
      decode: (bytes) => {
        const startMs = performance.now()
        while (bytes?.length > 1_000_000 && performance.now() - startMs < 1100) {
          /* busy */
        }
        return decode(bytes)
      }
    }))
  }
]

/** Puts the length of `frame` before it and `count` zeros behind. */
function pad(frame: Uint8Array, count: number): Uint8Array {
  const padded = new Uint8Array(4 + frame.length + count)
  new DataView(padded.buffer).setUint32(0, frame.length)
  padded.set(frame, 4)
  return padded
}

/** The frame that was padded, whatever stands behind it. */
function unpad(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array) || bytes.length < 4) return bytes
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return bytes.subarray(4, 4 + length)
}

/** A codec whose block of digests is one buffer on both sides, unless told to copy. */
function inlineCodec({
  copyOnEncode,
  copyOnDecode
}: {
  copyOnEncode: boolean
  copyOnDecode: boolean
}): Codec {
  const sound = binaryCodec()
  const isLone = (message: Message): message is Message & { digests: Uint8Array } =>
    message?.kind === 'digest-request' &&
    message.digests?.length >= 64 &&
    message.digests.length <= 96
  const isInline = (bytes: Uint8Array): boolean => bytes?.length === 96 || bytes?.length === 64
  return {
    ...sound,
    encode: (message) => {
      if (!isLone(message)) return sound.encode(message)
      return copyOnEncode ? message.digests.slice() : message.digests
    },
    decode: (bytes) => {
      if (!isInline(bytes) || bytes[0] === 0x16) return sound.decode(bytes)
      return { kind: 'digest-request', digests: copyOnDecode ? bytes.slice() : bytes }
    }
  }
}

describe('codecConformance', () => {
  test.each(codecConformance(() => binaryCodec(), quick))(
    'passes a sound codec: $name',
    ({ run }) => run()
  )

  test.each(
    codecConformance(
      broken(({ encode }) => ({ encode: (message) => Buffer.from(encode(message)) })),
      quick
    )
  )('passes a sound codec that gives Buffers: $name', ({ run }) => run())

  test.each(faults)('catches $fault', async ({ create, caughtBy }) => {
    const { run } = codecConformance(create, quick).find(({ name }) => name === caughtBy)!
    // A complaint of the suite itself, not an error that slipped through it.
    await expect((async () => run())()).rejects.toMatchObject({
      name: 'Error',
      message: expect.any(String)
    })
  })

  test('has a fault for every case but the one that must never fail', () => {
    const cases = codecConformance(() => binaryCodec()).map(({ name }) => name)
    const caught = new Set(faults.map(({ caughtBy }) => caughtBy))
    expect(cases.filter((name) => !caught.has(name))).toEqual(['leaves Object.prototype alone'])
  })

  test('names the seed and the frame of a failure', () => {
    const create = broken(({ decode }) => ({
      decode: (bytes) => {
        if (bytes.length > 40) throw new TypeError('oops')
        return decode(bytes)
      }
    }))
    const survives = codecConformance(create, { seed: 77 }).find(
      ({ name }) => name === 'survives random bytes'
    )!
    expect(() => survives.run()).toThrow(
      /random bytes \(seed 77\) threw TypeError \(oops\).*: [0-9a-f]{80}/
    )
  })
})
