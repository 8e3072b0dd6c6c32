/** The limits of `libp2pTransport`. */

import { checkOptions } from '../../../packages/transport-libp2p/src/config.ts'
import type { Limit } from './limit.ts'

// Only the defaults are wanted, so that the node is a stand-in.
export const libp2pDefaults = checkOptions({ node: { handle: () => {} } as never })
const { limits, deadlines, maxMessageBytes } = libp2pDefaults

const REFUSALS = 'packages/transport-libp2p/test/refusals.test.ts'

export const LIBP2P_LIMITS: readonly Limit[] = [
  {
    option: 'maxMessageBytes',
    value: maxMessageBytes,
    reached: 'the stream is reset',
    counter: 'refused',
    file: REFUSALS,
    title: 'nothing reaches the core from > a frame over the limit, or empty'
  },
  {
    option: 'limits.inboundStreams',
    value: limits.inboundStreams,
    reached: 'further streams are reset',
    counter: '',
    file: REFUSALS,
    title: 'nothing reaches the core from > a flood of streams'
  },
  {
    option: 'limits.queuedBytesPerLane',
    value: limits.queuedBytesPerLane,
    reached: '`send` rejects with OVERLOADED',
    counter: 'queuedBytes',
    file: 'packages/transport-libp2p/test/links.test.ts',
    title: 'a link > a full queue is OVERLOADED, and memory stays bounded'
  },
  {
    option: 'limits.backOffAddresses',
    value: limits.backOffAddresses,
    reached: 'the failure noted first is forgotten',
    counter: '',
    file: 'packages/framing/test/back-off.test.ts',
    title: 'back-off > remembers a bounded number of addresses, the latest ones',
    seenBy: 'backOff(2)'
  },
  {
    option: 'deadlines.connectMs',
    value: deadlines.connectMs,
    reached: '`send` rejects with UNREACHABLE',
    counter: '',
    file: REFUSALS,
    title: 'a host that accepts and says nothing is UNREACHABLE in time'
  },
  {
    option: 'deadlines.helloMs',
    value: deadlines.helloMs,
    reached: 'the stream is reset',
    counter: 'refused',
    file: REFUSALS,
    title:
      'nothing reaches the core from > a peer whose hello makes no sense, or is too long, or never comes'
  }
]
