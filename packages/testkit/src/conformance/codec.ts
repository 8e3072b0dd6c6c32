/** The contract of the {@link Codec} port as a list of test cases. */

import type { Codec, Message } from '@rumormill/protocol/plugin'
import type { ConformanceCase } from './case.ts'
import {
  buffersOf,
  check,
  copyOf,
  decoded,
  encoded,
  equalBytes,
  equalMessages,
  show
} from './checks.ts'
import { boundCases } from './codec-bounds.ts'
import { hostileCases } from './codec-hostile.ts'
import {
  edges,
  randomMessages,
  settle,
  type CodecConformanceOptions,
  type CodecTrial
} from './codec-trial.ts'

/** Returns the cases that every codec must pass. `create` is called for each case; cases share nothing. */
export function codecConformance(
  create: () => Codec,
  options: CodecConformanceOptions = {}
): readonly ConformanceCase[] {
  const trial = settle(create, options)
  return [
    {
      name: 'has a name of lower-case letters, digits and dashes',
      run: () => nameIsWellFormed(create())
    },
    {
      name: 'decodes every kind of message as it was encoded',
      run: () => givesEveryKindBack(trial)
    },
    {
      name: 'decodes random messages as they were encoded',
      run: () => randomMessages(trial).forEach(roundTrip(create()))
    },
    { name: 'gives equal bytes for equal messages', run: () => isDeterministic(trial) },
    { name: 'never changes encoded bytes later', run: () => encodedBytesAreTheCallers(trial) },
    { name: 'shares no memory with the message it encodes', run: () => keepsNothing(trial) },
    {
      name: 'keeps no large buffer alive through decoded messages',
      run: () => decodedKeepsLittle(trial)
    },
    {
      name: 'never changes decoded messages later',
      run: () => decodedMessagesAreTheCallers(trial)
    },
    {
      name: 'decodes bytes inside a larger buffer',
      run: () => decodesInsideBuffer(trial)
    },
    ...boundCases(trial),
    ...hostileCases(trial)
  ]
}

function nameIsWellFormed({ name }: Codec): void {
  check(/^[a-z0-9-]+$/.test(name), `name ${JSON.stringify(name)} has other characters, or none`)
}

function givesEveryKindBack(trial: CodecTrial): void {
  const messages = edges(trial)
  check(messages.length > 0, 'the option carries excludes all messages')
  messages.forEach(roundTrip(trial.create()))
}

function roundTrip(codec: Codec): (message: Message) => void {
  return (message) => {
    const frame = encoded(codec, message)
    check(frame instanceof Uint8Array, 'encode gave something other than a Uint8Array')
    check(
      equalMessages(decoded(codec, frame), message),
      `another ${message.kind} came back from ${show(frame)}`
    )
  }
}

function isDeterministic(trial: CodecTrial): void {
  const [one, other] = [trial.create(), trial.create()]
  for (const message of [...edges(trial), ...randomMessages(trial)]) {
    const frame = encoded(one, message)
    check(
      equalBytes(frame, encoded(one, copyOf(message))),
      `the second encoding of a ${message.kind} differs`
    )
    check(
      equalBytes(frame, encoded(other, message)),
      `another codec encodes a ${message.kind} differently`
    )
  }
}

/** Checks that a frame never changes when other messages are encoded or decoded, or other frames are overwritten. */
function encodedBytesAreTheCallers(trial: CodecTrial): void {
  const codec = trial.create()
  const messages = randomMessages(trial)
  const frames = messages.map((message) => encoded(codec, message))
  const copies = frames.map((frame) => Uint8Array.from(frame))
  frames.forEach((frame, index) => {
    check(
      equalBytes(frame, copies[index]!),
      `frame ${index} changed when others were encoded or written to`
    )
    decoded(codec, frame)
    frame.fill(0xff)
  })
  messages.forEach((message, index) => {
    check(
      equalBytes(encoded(codec, message), copies[index]!),
      'writing to a frame changed what is encoded later'
    )
  })
}

function keepsNothing(trial: CodecTrial): void {
  const codec = trial.create()
  for (const original of edges(trial)) {
    const message = copyOf(original)
    const frame = encoded(codec, message)
    for (const buffer of buffersOf(message)) buffer.fill(0xff)
    check(
      equalMessages(decoded(codec, frame), original),
      `the frame of a ${message.kind} changed with its message`
    )
  }
}

/** Contents may be views of the received bytes, but a small one must not keep a large buffer alive. */
function decodedKeepsLittle(trial: CodecTrial): void {
  const codec = trial.create()
  for (const original of [...edges(trial), ...randomMessages(trial)]) {
    const frame = Uint8Array.from(encoded(codec, original))
    const copy = Uint8Array.from(frame)
    const message = decoded(codec, frame)
    check(equalBytes(frame, copy), `decoding a ${original.kind} changed its bytes`)
    const contents = 'contents' in message ? message.contents : []
    for (const buffer of buffersOf(message)) {
      if (buffer.buffer !== frame.buffer) continue
      check(
        contents.includes(buffer),
        `a ${original.kind} shares memory with the bytes it came from`
      )
      check(
        2 * buffer.length >= frame.buffer.byteLength,
        `a content of ${buffer.length} bytes keeps ${frame.buffer.byteLength} alive`
      )
    }
  }
}

/** Checks that a message never changes when others are encoded, decoded or overwritten. */
function decodedMessagesAreTheCallers(trial: CodecTrial): void {
  const codec = trial.create()
  const originals = randomMessages(trial)
  const frames = originals.map((message) => Uint8Array.from(encoded(codec, message)))
  const messages = frames.map((frame) => decoded(codec, frame))
  messages.forEach((message, index) => {
    check(
      equalMessages(message, originals[index]!),
      `a ${message.kind} changed when others were decoded or written to`
    )
    encoded(codec, message)
    buffersOf(message).forEach((buffer, part) => {
      // Compares them one by one: the contents of one message must not overlap either.
      check(
        equalBytes(buffer, buffersOf(originals[index]!)[part]!),
        `contents of a ${message.kind} overlap`
      )
      buffer.fill(0xff)
    })
  })
}

function decodesInsideBuffer(trial: CodecTrial): void {
  const codec = trial.create()
  for (const message of edges(trial)) {
    const frame = encoded(codec, message)
    const larger = new Uint8Array(frame.length + 11).fill(0xee)
    larger.set(frame, 7)
    const inside = larger.subarray(7, 7 + frame.length)
    check(
      equalMessages(decoded(codec, inside), message),
      `another ${message.kind} came from inside a larger buffer`
    )
  }
}
