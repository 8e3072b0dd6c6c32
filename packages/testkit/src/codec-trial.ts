/** What the cases of the codec suite are run on. */

import {
  createRng,
  MAX_CONTENTS,
  MAX_DIGESTS,
  MAX_VIEW_ENTRIES,
  type Codec,
  type Message
} from '@rumormill/protocol'
import { edgeMessages, randomMessage } from './message-samples.ts'

/** What differs between codecs. */
export interface CodecConformanceOptions {
  /** Most digests that one message of the codec under test may hold. Default `MAX_DIGESTS`, 5,000. */
  readonly maxDigests?: number
  /** Most entries of a view. Default `MAX_VIEW_ENTRIES`, 128. */
  readonly maxPeers?: number
  /** Most contents. Default `MAX_CONTENTS`, 1,024. */
  readonly maxContents?: number
  /**
   * Which messages the format can say, where it is given from outside and says less: one without `ihave`, or with
   * contents in a map. The others are left out of every case. Default all.
   */
  readonly carries?: (message: Message) => boolean
  /** Whether the format has a place for the ages of contents. Without one, an age comes back as 0. Default true. */
  readonly hasAges?: boolean
  /** Makes the same codec with higher caps. With it, frames beyond the caps are shown to `decode` as well. */
  readonly createWithHigherCaps?: () => Codec
  /** Decides the random messages and frames; a failure names it. Default 1. */
  readonly seed?: number
  /** How many random messages, and random frames, are tried. Default 300. */
  readonly rounds?: number
}

/** A codec under test, with every option settled. */
export interface CodecTrial {
  readonly create: () => Codec
  readonly options: Required<Omit<CodecConformanceOptions, 'createWithHigherCaps'>>
  readonly createWithHigherCaps: (() => Codec) | undefined
}

/** Fills in the defaults: the caps that nodes keep to. */
export function settle(create: () => Codec, options: CodecConformanceOptions): CodecTrial {
  const { createWithHigherCaps, ...given } = options
  const caps = { maxDigests: MAX_DIGESTS, maxPeers: MAX_VIEW_ENTRIES, maxContents: MAX_CONTENTS }
  return {
    create,
    options: { ...caps, carries: () => true, hasAges: true, seed: 1, rounds: 300, ...given },
    createWithHigherCaps
  }
}

/** The messages at the edges, as far as the format can say them. */
export function edges({ options }: CodecTrial): readonly Message[] {
  return sayable(edgeMessages(), options)
}

/** The random messages of a trial: the same ones in every case. */
export function randomMessages({ options }: CodecTrial): readonly Message[] {
  const rng = createRng(options.seed)
  return sayable(
    Array.from({ length: options.rounds }, () => randomMessage(rng)),
    options
  )
}

/** Those of `messages` that the format can say, without ages where it has none. */
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
