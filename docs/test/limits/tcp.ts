/** The limits of `tcpTransport`. */

import { checkOptions } from '../../../packages/transport-tcp/src/config.ts'
import { read } from '../pages.ts'
import { constantOf, type Limit } from './limit.ts'

export const tcpDefaults = checkOptions({})
const { limits, deadlines, maxMessageBytes } = tcpDefaults

const LIMITS = 'packages/transport-tcp/test/limits.test.ts'
const ADMISSION = 'packages/transport-tcp/test/admission.test.ts'
const closes = { reached: 'the connection is closed', file: LIMITS }
const rejects = {
  reached: '`send` rejects with OVERLOADED',
  counter: 'refused[queue-full]',
  file: LIMITS,
  title: 'limits > the queue of a connection, in frames and in bytes; what was queued still arrives'
}

export const TCP_LIMITS: readonly Limit[] = [
  {
    option: 'maxMessageBytes',
    value: maxMessageBytes,
    ...closes,
    counter: 'refused[too-large]',
    title: 'limits > messages: one longer than the limit, or empty, closes the connection',
    seenBy: 'too-large'
  },
  {
    option: 'limits.inboundConnections',
    value: limits.inboundConnections,
    reached: 'of the connections from the host with the most, the one idle for longest is closed',
    counter: 'refused[evicted]',
    file: LIMITS,
    title: 'limits > inbound connections: the longest-idle one is closed'
  },
  {
    option: 'limits.outboundConnections',
    value: limits.outboundConnections,
    reached: 'the one idle for longest is closed',
    counter: 'refused[evicted]',
    file: LIMITS,
    title: 'limits > outbound connections: the least recently used is closed'
  },
  {
    option: 'dials that wait at a host on which no member has answered (two per second start)',
    value: constantOf(read('packages/stream-transport/src/dial-guard.ts'), 'MAX_WAITING'),
    reached: '`send` rejects with UNREACHABLE',
    counter: 'refused[unproved-host]',
    file: LIMITS,
    title:
      'limits > dials to a host on which no member has answered: two a second; all at once when one answers',
    seenBy: 'unproved-host'
  },
  {
    option: 'limits.pendingConnections',
    value: limits.pendingConnections,
    reached: 'of the connections without a hello from the host with the most, the oldest is closed',
    counter: 'refused[pending-full]',
    file: LIMITS,
    title:
      'limits > connections without a hello: the oldest is closed, so that no newcomer is kept out'
  },
  {
    option: 'limits.connectionsPerHost',
    value: limits.connectionsPerHost,
    reached:
      'the oldest connection of that host without a message is closed; if it is younger than a second, the new one',
    counter: 'refused[host-full]',
    file: ADMISSION,
    title: 'connections > of one host are limited; a /64 of IPv6 is one host',
    seenBy: 'host-full'
  },
  {
    option: 'limits.connectionsPerNetwork',
    value: limits.connectionsPerNetwork,
    reached: 'as for `limits.connectionsPerHost`, of the host with the most',
    counter: 'refused[network-full]',
    file: ADMISSION,
    title: 'connections > of one network are limited: a /24 of IPv4, a /48 of IPv6',
    seenBy: 'network-full'
  },
  {
    option: 'limits.connectionsPerLoopbackHost',
    value: limits.connectionsPerLoopbackHost,
    reached: 'as for `limits.connectionsPerHost`',
    counter: 'refused[host-full]',
    file: LIMITS,
    title:
      'limits > connections of one host without a message: the oldest is closed after a second; those with messages stay'
  },
  { option: 'limits.queuedBytesPerConnection', value: limits.queuedBytesPerConnection, ...rejects },
  {
    option: 'limits.queuedFramesPerConnection',
    value: limits.queuedFramesPerConnection,
    ...rejects
  },
  {
    option: 'limits.queuedBytes',
    value: limits.queuedBytes,
    reached: 'the connection whose peer has not read for longest is closed',
    counter: 'refused[queued-full]',
    file: LIMITS,
    title:
      'deadlines > the queues of all connections together: the one whose peer has not read for longest is closed'
  },
  {
    option: 'limits.partialBytes',
    value: limits.partialBytes,
    reached: 'the connection whose message began first is closed',
    counter: 'refused[partial-full]',
    file: LIMITS,
    title:
      'limits > half-received frames: the connection with the oldest is closed, the others go on'
  },
  {
    option: 'limits.lookups',
    value: limits.lookups,
    reached: 'the hello is refused with the status full',
    counter: 'refused[lookups-full]',
    file: 'packages/transport-tcp/test/host-check.test.ts',
    title:
      'host check > the lookups at once are limited in total, and to two of each host; names of the hosts file need none',
    seenBy: 'new HostCheck(3'
  },
  {
    option: 'host name lookups for one host',
    value: constantOf(read('packages/transport-tcp/src/host-check.ts'), 'MAX_PER_HOST'),
    reached: 'the new connection is refused, unless the hosts file has its name',
    counter: 'refused[lookups-full]',
    file: 'packages/transport-tcp/test/host-check.test.ts',
    title:
      'host check > the lookups at once are limited in total, and to two of each host; names of the hosts file need none',
    seenBy: 'two of each host'
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
    option: 'refused peers of other versions that were already reported',
    value: constantOf(read('packages/stream-transport/src/reported-peers.ts'), 'MAX_PEERS'),
    reached: 'the oldest peer is forgotten, and reported once more',
    counter: '',
    file: 'packages/stream-transport/test/reported-peers.test.ts',
    title: 'a bounded number of peers is remembered: of 1,025 the first is forgotten',
    seenBy: '1024'
  },
  {
    option: 'deadlines.connectMs',
    value: deadlines.connectMs,
    reached: '`send` rejects with UNREACHABLE',
    counter: 'refused[connect-late]',
    file: LIMITS,
    title: 'deadlines > a host that does not accept is given up'
  },
  {
    option: 'deadlines.helloMs',
    value: deadlines.helloMs,
    ...closes,
    counter: 'refused[hello-late]',
    title: 'deadlines > a silent client is closed, and so is one whose hello trickles'
  },
  {
    option: 'deadlines.frameMs',
    value: deadlines.frameMs,
    ...closes,
    counter: 'refused[frame-late]',
    title: 'deadlines > a frame that arrives too slowly closes the connection in spite of its bytes'
  },
  {
    option: 'deadlines.silentMs',
    value: deadlines.silentMs,
    reached: 'the peer is pinged',
    counter: '',
    file: 'packages/stream-transport/test/pace.test.ts',
    title: 'the pace > pings a silent peer that was sent something, or is watched, and no other',
    seenBy: '2999'
  },
  {
    option: 'deadlines.answerMs',
    value: deadlines.answerMs,
    ...closes,
    counter: 'refused[silent]',
    title:
      'deadlines > a peer that is silent after a message to it is lost within silentMs and answerMs'
  },
  {
    option: 'deadlines.idleMs',
    value: deadlines.idleMs,
    ...closes,
    counter: 'refused[idle]',
    title: 'deadlines > an idle connection is closed on both sides without a report'
  },
  {
    option: 'deadlines.writeMs',
    value: deadlines.writeMs,
    ...closes,
    counter: 'refused[write-late]',
    title: 'deadlines > a frozen peer is given up, and delays no other peer'
  }
]
