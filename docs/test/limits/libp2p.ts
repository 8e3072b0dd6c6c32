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
      'a connection from the host with the most is closed: one that has sent nothing, else any',
    counter: 'refused',
    file: ADMISSION,
    title:
      'connections in their handshake > beyond pendingConnections one makes room, so that silent sockets keep nobody out'
  },
  {
    option: 'admission.pendingPerHost',
    value: DEFAULT_ADMISSION.pendingPerHost,
    reached: 'a connection of that host is closed: one that has sent nothing, else any',
    counter: 'refused',
    file: ADMISSION,
    title: 'the gate, by itself > of one host a handshake beyond pendingPerHost goes'
  },
  {
    option: 'admission.connections',
    value: DEFAULT_ADMISSION.connections,
    reached: 'of the connections without a hello from the host with the most, the oldest is closed',
    counter: 'refused',
    file: ADMISSION,
    title:
      'connections that nobody uses > the oldest of connections makes room, and those that are used stay'
  },
  {
    option: 'admission.unusedPerHost',
    value: DEFAULT_ADMISSION.unusedPerHost,
    reached: 'the oldest connection of that host without a hello is closed',
    counter: 'refused',
    file: ADMISSION,
    title:
      'the gate, by itself > of one host the oldest beyond unusedPerHost goes, if nobody has spoken on it'
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
  },
  {
    option: 'limits.links',
    value: limits.links,
    reached: 'the one idle for longest is closed',
    counter: 'links',
    file: LIMITS,
    title: 'limits > links: the one idle longest makes room, and is not lost by that'
  },
  {
    option: 'limits.queuedFramesPerConnection',
    value: limits.queuedFramesPerConnection,
    reached: '`send` rejects with OVERLOADED',
    counter: '',
    file: LIMITS,
    title: 'limits > the messages that wait on one link'
  },
  {
    option: 'limits.queuedBytes',
    value: limits.queuedBytes,
    reached: 'the link whose peer has not read for longest is closed',
    counter: 'queuedBytes',
    file: LIMITS,
    title: 'limits > the bytes that wait on all links: the one that has not read for longest pays'
  },
  {
    option: 'limits.partialBytes',
    value: limits.partialBytes,
    reached: 'the stream whose message began first is reset',
    counter: 'refused',
    file: LIMITS,
    title: 'limits > half received messages: the one begun first pays'
  },
  {
    option: 'deadlines.frameMs',
    value: deadlines.frameMs,
    reached: 'the stream is reset',
    counter: 'refused',
    file: LIMITS,
    title: 'deadlines > a message that trickles is not saved by its bytes'
  },
  {
    option: 'deadlines.writeMs',
    value: deadlines.writeMs,
    reached: 'the stream is reset',
    counter: '',
    file: LIMITS,
    title: 'deadlines > a peer that answers pings but reads nothing more is given up'
  },
  {
    option: 'deadlines.silentMs',
    value: deadlines.silentMs,
    reached: 'the peer is pinged',
    counter: '',
    file: LIMITS,
    title:
      'deadlines > a peer that stands still is lost within silentMs and answerMs, and told once'
  },
  {
    option: 'deadlines.answerMs',
    value: deadlines.answerMs,
    reached: 'the connection is closed',
    counter: '',
    file: LIMITS,
    title:
      'deadlines > a peer that stands still is lost within silentMs and answerMs, and told once'
  },
  {
    option: 'deadlines.idleMs',
    value: deadlines.idleMs,
    reached: 'the stream is closed',
    counter: '',
    file: LIMITS,
    title: 'deadlines > a link that nobody uses is closed in peace, unless its peer is watched'
  },
  {
    option: 'bytes of a label that a peer of another group sends',
    value: MAX_LABEL_BYTES,
    reached: 'the stream is reset',
    counter: 'refused',
    file: LABELS,
    title: 'a label that is too long or no text is refused; its own label is no news',
    seenBy: 'MAX_LABEL_BYTES'
  },
  {
    option: 'streams with such a label on one connection',
    value: constantOf(read('packages/transport-libp2p/src/labels.ts'), 'MAX_STREAMS'),
    reached: 'further streams are reset; so is one that sends nothing before the deadline',
    counter: 'refused',
    file: LABELS,
    title: 'who opens a stream for a label and tells none is cut off; a second one has no room',
    seenBy: 'second'
  },
  {
    option: 'dials that wait at a host on which no member has answered (two per second start)',
    value: constantOf(read('packages/stream-transport/src/dial-guard.ts'), 'MAX_WAITING'),
    reached: '`send` rejects with UNREACHABLE',
    counter: '',
    file: 'packages/transport-libp2p/test/dial-turns.test.ts',
    title: 'of 20 names of one host, those beyond two and eight that wait are refused',
    seenBy: 'WAITING'
  }
]
