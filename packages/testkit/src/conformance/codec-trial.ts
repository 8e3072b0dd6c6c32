/** The context in which the cases of the codec suite run. */

import { createRng, FIELDS, type Codec, type Message } from '@rumormill/protocol/plugin'
import { edgeMessages, randomMessage } from '../message-samples.ts'

/** The differences between codecs. */
export interface CodecConformanceOptions {
  /** The most digests in a message of the codec. Default `FIELDS.digests.most`, 5,000. */
  readonly maxDigests?: number
  /** The most entries of a view. Default `FIELDS.view.most`, 128. */
  readonly maxPeers?: number
  /** The most contents in a message. Default `FIELDS.contents.most`, 1,024. */
  readonly maxContents?: number
  /**
   * Returns whether the format supports a message, for existing formats that support fewer: without `ihave`, for example, or
   * with contents in a map. All cases skip the others. Default: all are supported.
   */
  readonly carries?: (message: Message) => boolean
  /** Whether the format supports the ages of contents. If not, ages are decoded as 0. Default true. */
  readonly hasAges?: boolean
  /** Creates the same codec with higher caps. With it, the suite also decodes frames beyond the caps. */
  readonly createWithHigherCaps?: () => Codec
  /** The seed of the random messages and frames; a failure names it. Default 1. */
  readonly seed?: number
  /** How many random messages and random frames are tested. Default 300. */
  readonly rounds?: number
}

/** A codec under test, with complete options. */
export interface CodecTrial {
  readonly create: () => Codec
  readonly options: Required<Omit<CodecConformanceOptions, 'createWithHigherCaps'>>
  readonly createWithHigherCaps: (() => Codec) | undefined
}

/** Adds the defaults: the caps of correct nodes. */
export function settle(create: () => Codec, options: CodecConformanceOptions): CodecTrial {
  const { createWithHigherCaps, ...given } = options
  const caps = {
    maxDigests: FIELDS.digests.most,
    maxPeers: FIELDS.view.most,
    maxContents: FIELDS.contents.most
  }
  return {
    create,
    options: { ...caps, carries: () => true, hasAges: true, seed: 1, rounds: 300, ...given },
    createWithHigherCaps
  }
}

/** Returns the edge-case messages that the format supports. */
export function edges({ options }: CodecTrial): readonly Message[] {
  return sayable(edgeMessages(), options)
}

/** Returns the random messages of a trial, the same ones in every case. */
export function randomMessages({ options }: CodecTrial): readonly Message[] {
  const rng = createRng(options.seed)
  return sayable(
    Array.from({ length: options.rounds }, () => randomMessage(rng)),
    options
  )
}

/** Returns the supported ones of `messages`, with ages of 0 if the format has none. */
export function sayable(
  messages: readonly Message[],
  { carries, hasAges }: CodecTrial['options']
): readonly Message[] {
  const said = messages.filter(carries)
  return hasAges
    ? said
    : said.map((message) =>
        'ages' in message ? { ...message, ages: message.ages.map(() => 0) } : message
      )
}
