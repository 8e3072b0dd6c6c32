/** The limits of `libp2pTransport`. */

import { checkOptions } from '../../../packages/transport-libp2p/src/config.ts'
import { MAX_LABEL_BYTES } from '../../../packages/transport-libp2p/src/labels.ts'
import { DEFAULT_ADMISSION } from '../../../packages/transport-libp2p/src/node/admission.ts'
import { read } from '../pages.ts'
import { constantOf, type Limit } from './limit.ts'

// Only the defaults are wanted, so that the node is a stand-in.
export const libp2pDefaults = checkOptions({ node: { handle: () => {} } as never })
const { limits, deadlines, maxMessageBytes } = libp2pDefaults

const REFUSALS = 'packages/transport-libp2p/test/refusals.test.ts'
const LIMITS = 'packages/transport-libp2p/test/limits.test.ts'

const LABELS = 'packages/transport-libp2p/test/labels.test.ts'
const ADMISSION = 'packages/transport-libp2p/test/admission.test.ts'

export const LIBP2P_LIMITS: readonly Limit[] = [
  {
    option: 'admission.pendingConnections',
    value: DEFAULT_ADMISSION.pendingConnections,
    reached:
      'a connection from the host with the most is closed: one that has sent nothing for half a second, else an older one, else any',
    counter: 'refused',
    file: ADMISSION,
    title:
      'connections in their handshake > beyond pendingConnections one is closed, so that silent sockets keep no peer out'
  },
  {
    option: 'admission.handshakesPerHost',
    value: DEFAULT_ADMISSION.handshakesPerHost,
    reached: 'the connection that begins one more within a second is closed',
    counter: 'refused',
    file: ADMISSION,
    title:
      'the admission alone > of one host as many handshakes as handshakesPerHost may begin in a second'
  },
  {
    option: 'admission.connections',
    value: DEFAULT_ADMISSION.connections,
    reached: 'of the connections without a hello from the host with the most, the oldest is closed',
    counter: 'refused',
    file: ADMISSION,
    title: 'unused connections > the oldest is closed, and used ones stay open'
  },
  {
    option: 'admission.unusedPerHost',
    value: DEFAULT_ADMISSION.unusedPerHost,
    reached: 'the oldest connection of that host without a hello is closed',
    counter: 'refused',
    file: ADMISSION,
    title:
      'the admission alone > of one host the oldest unused connection beyond unusedPerHost is closed'
  },
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
    option: 'limits.queuedBytesPerConnection',
    value: limits.queuedBytesPerConnection,
    reached: '`send` rejects with OVERLOADED',
    counter: 'queuedBytes',
    file: 'packages/transport-libp2p/test/links.test.ts',
    title: 'a link > a full queue is OVERLOADED, and memory stays bounded'
  },
  {
    option: 'limits.backOffAddresses',
    value: limits.backOffAddresses,
    reached: 'the oldest failure is forgotten',
    counter: '',
    file: 'packages/stream-transport/test/back-off.test.ts',
    title: 'back-off > remembers a bounded number of addresses, the latest ones',
    seenBy: 'backOff(2)'
  },
  {
    option: 'deadlines.connectMs',
    value: deadlines.connectMs,
    reached: '`send` rejects with UNREACHABLE',
    counter: '',
    file: REFUSALS,
    title: 'a host that accepts and sends nothing is UNREACHABLE in time'
  },
  {
    option: 'deadlines.helloMs',
    value: deadlines.helloMs,
    reached: 'the stream is reset',
    counter: 'refused',
    file: REFUSALS,
    title: 'nothing reaches the core from > a peer whose hello is malformed, too long, or missing'
  },
  {
    option: 'limits.links',
    value: limits.links,
    reached: 'the one idle for longest, of the host with the most, is closed',
    counter: 'links',
    file: LIMITS,
    title: 'limits > links: the longest-idle one is closed, and its peer does not count as lost'
  },
  {
    option: 'limits.queuedFramesPerConnection',
    value: limits.queuedFramesPerConnection,
    reached: '`send` rejects with OVERLOADED',
    counter: '',
    file: LIMITS,
    title: 'limits > the messages queued on one link'
  },
  {
    option: 'limits.queuedBytes',
    value: limits.queuedBytes,
    reached: 'the link whose peer has not read for longest is closed',
    counter: 'queuedBytes',
    file: LIMITS,
    title:
      'limits > the bytes queued on all links: the one whose peer has not read for longest is closed'
  },
  {
    option: 'limits.partialBytes',
    value: limits.partialBytes,
    reached: 'the stream whose message began first is reset',
    counter: 'refused',
    file: LIMITS,
    title: 'limits > half-received messages: the stream with the oldest is closed'
  },
  {
    option: 'deadlines.frameMs',
    value: deadlines.frameMs,
    reached: 'the stream is reset',
    counter: 'refused',
    file: LIMITS,
    title: 'deadlines > a message that arrives too slowly closes the stream in spite of its bytes'
  },
  {
    option: 'deadlines.writeMs',
    value: deadlines.writeMs,
    reached: 'the stream is reset',
    counter: '',
    file: LIMITS,
    title: 'deadlines > a peer that answers pings but no longer reads is given up'
  },
  {
    option: 'deadlines.silentMs',
    value: deadlines.silentMs,
    reached: 'the peer is pinged',
    counter: '',
    file: LIMITS,
    title: 'deadlines > a frozen peer is lost within silentMs and answerMs, and reported once'
  },
  {
    option: 'deadlines.answerMs',
    value: deadlines.answerMs,
    reached: 'the connection is closed',
    counter: '',
    file: LIMITS,
    title: 'deadlines > a frozen peer is lost within silentMs and answerMs, and reported once'
  },
  {
    option: 'deadlines.idleMs',
    value: deadlines.idleMs,
    reached: 'the stream is closed',
    counter: '',
    file: LIMITS,
    title: 'deadlines > an idle link is closed without a loss, unless its peer is watched'
  },
  {
    option: 'bytes of a label that a peer of another group sends',
    value: MAX_LABEL_BYTES,
    reached: 'the stream is reset',
    counter: 'refused',
    file: LABELS,
    title: 'a label that is too long or not UTF-8 is refused; the same label is not reported',
    seenBy: 'MAX_LABEL_BYTES'
  },
  {
    option: 'streams with such a label on one connection',
    value: constantOf(read('packages/transport-libp2p/src/labels.ts'), 'MAX_STREAMS'),
    reached: 'further streams are reset; so is one that sends nothing before the deadline',
    counter: 'refused',
    file: LABELS,
    title: 'a label stream without a label is reset in time, and a second one at once',
    seenBy: 'second'
  },
  {
    option: 'dials that wait at a host on which no member has answered (two per second start)',
    value: constantOf(read('packages/stream-transport/src/dial-guard.ts'), 'MAX_WAITING'),
    reached: '`send` rejects with UNREACHABLE',
    counter: '',
    file: 'packages/transport-libp2p/test/dial-turns.test.ts',
    title: 'of 20 names of one host, those beyond two and eight waiting ones are refused',
    seenBy: 'WAITING'
  }
]
