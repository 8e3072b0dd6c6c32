/** The conformance list without the frames that take long. */

import type { Codec, Message } from '@rumormill/protocol/plugin'
import type { CodecConformanceOptions, ConformanceCase } from '@rumormill/testkit'

type Conformance = (
  create: () => Codec,
  options?: CodecConformanceOptions
) => readonly ConformanceCase[]

/** They decode a frame again and again, for each of its bits and bytes. */
const SLOW = ['survives every flipped bit', 'survives every truncation']

/** All cases; those that take long with short frames only. */
export function withShortFrames(
  conformance: Conformance,
  create: () => Codec
): readonly ConformanceCase[] {
  const quick = conformance(create, { carries: isShort })
  return conformance(create).map((each) =>
    SLOW.includes(each.name) ? quick.find(({ name }) => name === each.name)! : each
  )
}

function isShort(message: Message): boolean {
  return !('contents' in message) || message.contents.length < 2
}
