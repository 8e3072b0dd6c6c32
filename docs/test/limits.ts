/** The table of docs/limits.md: what a peer can make grow, with defaults from the code and the test that reaches each. */
import { binaryCodec } from '@rumormill/codec-binary'
import {
  MAX_ADDRESS_BYTES,
  MAX_CONTENTS,
  MAX_DIGESTS,
  MAX_SKETCH_BYTES,
  MAX_VIEW_ENTRIES,
  staticPeers
} from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { limitsOf } from '../../packages/compat-gossip-crate/src/options.ts'
import { resolveOptions } from '../../packages/protocol/src/service/resolve-options.ts'
import { checkOptions } from '../../packages/transport-tcp/src/config.ts'

export interface Limit {
  readonly option: string
  readonly value: number
  readonly unit: 'bytes' | 'ms' | ''
  readonly reached: string
  /** Where it is counted: names of `stats()`, or of the transport's. */
  readonly counter: string
  /** The test that reaches it: a file, and how its title begins. */
  readonly file: string
  readonly title: string
}

const node = resolveOptions({
  transport: tcpTransport(),
  codec: binaryCodec(),
  peers: staticPeers([]),
  handler: { onUpdate: () => {} }
})
const { sampling, dissemination, handling, sending, validation, standing, broadcast } = node
const { limits, deadlines, maxMessageBytes } = checkOptions({})
const crate = limitsOf({})

const DISSEMINATOR = 'packages/protocol/test/dissemination/disseminator.test.ts'
const STORE = 'packages/protocol/test/dissemination/update-store.test.ts'
const SAMPLER = 'packages/protocol/test/sampling/peer-sampler.test.ts'
const GROUP = 'packages/protocol/test/service/group.test.ts'
const GATE = 'packages/protocol/test/standing/gate.test.ts'
const BROADCASTER = 'packages/protocol/test/broadcast/broadcaster.test.ts'
const HOSTILE = 'packages/testkit/test/hostile-peer.test.ts'
const CONFORMANCE = 'packages/testkit/src/codec-conformance-bounds.ts'
const TCP = 'packages/transport-tcp/test/limits.test.ts'
const ADMISSION = 'packages/transport-tcp/test/admission.test.ts'
const CRATE = 'packages/compat-gossip-crate/test/limits.test.ts'
const CRATE_PAIR = 'packages/compat-gossip-crate/test/crate-pair.test.ts'
const CRATE_WIRE = 'packages/compat-gossip-crate/test/wire.test.ts'

const limit = (
  option: string,
  value: number,
  unit: Limit['unit'],
  reached: string,
  counter: string,
  file: string,
  title: string
): Limit => ({ option, value, unit, reached, counter, file, title })

export const NODE_LIMITS: readonly Limit[] = [
  limit(
    'sampling.viewSize',
    sampling.viewSize,
    '',
    'entries are replaced',
    'viewSize',
    'packages/protocol/test/sampling/view.test.ts',
    'never stores the own address'
  ),
  limit(
    'sampling.maxPastPeers',
    sampling.maxPastPeers,
    '',
    'the oldest is forgotten',
    'pastPeers',
    SAMPLER,
    'are forgotten in time'
  ),
  limit(
    'dissemination.maxContentBytes',
    dissemination.maxContentBytes,
    'bytes',
    '`submit` throws UPDATE_TOO_LARGE; from peers: dropped',
    'dropped[invalid-content]',
    DISSEMINATOR,
    'empty and oversized contents'
  ),
  limit(
    'dissemination.maxActiveUpdates',
    dissemination.maxActiveUpdates,
    '',
    '`submit` throws STORE_FULL; nothing more is fetched',
    'activeUpdates, dropped[store-full]',
    DISSEMINATOR,
    'stop while the store has no room'
  ),
  limit(
    'dissemination.maxActiveBytes',
    dissemination.maxActiveBytes,
    'bytes',
    'the same',
    'activeBytes, dropped[store-full]',
    STORE,
    'count and bytes of active updates'
  ),
  limit(
    'dissemination.maxRememberedDigests',
    dissemination.maxRememberedDigests,
    '',
    'the oldest is forgotten',
    'rememberedDigests',
    STORE,
    'crate flaw 25: its digest, as many as allowed'
  ),
  limit(
    'dissemination.maxRequests',
    dissemination.maxRequests,
    '',
    'later rounds ask',
    'pendingRequests, dropped[requests-full]',
    DISSEMINATOR,
    'are bounded, in all and per peer'
  ),
  limit(
    'dissemination.maxRequestsPerPeer',
    dissemination.maxRequestsPerPeer,
    '',
    'later rounds ask',
    'pendingRequests, dropped[requests-full]',
    HOSTILE,
    'a flood of offers never served'
  ),
  limit(
    'dissemination.requestTimeoutMs',
    dissemination.requestTimeoutMs,
    'ms',
    'the next peer that offered is asked',
    'dropped[not-served]',
    DISSEMINATOR,
    'a late answer is still taken'
  ),
  limit(
    'handling.maxWaiting',
    handling.maxWaiting,
    '',
    'nothing more is fetched',
    'waitingUpdates, dropped[handler-busy]',
    GROUP,
    'crate flaw 6: a slow one bounds'
  ),
  limit(
    'handling.timeoutMs',
    handling.timeoutMs,
    'ms',
    'the call counts as failed, the next begins',
    'failed',
    GROUP,
    'crate flaw 29: may throw'
  ),
  limit(
    'sending.maxMessagesPerPeer',
    sending.maxMessagesPerPeer,
    '',
    'the message is dropped, a later round repairs it',
    'sendingMessages, dropped[peer-busy]',
    GROUP,
    'crate flaw 4: delays nobody'
  ),
  limit(
    'sending.maxBytesPerPeer',
    sending.maxBytesPerPeer,
    'bytes',
    'the same',
    'sendingBytes, dropped[peer-busy]',
    GROUP,
    'crate flaw 4: delays nobody'
  ),
  limit(
    'validation.maxConcurrent',
    validation.maxConcurrent,
    '',
    'the rest waits, and counts as awaited',
    'judgedUpdates',
    GROUP,
    'judges no more at once'
  ),
  limit(
    'validation.timeoutMs',
    validation.timeoutMs,
    'ms',
    'the update is not taken; a later offer asks again',
    'failed, dropped[not-valid]',
    GROUP,
    'that throws, hangs or answers nonsense'
  ),
  limit(
    'standing.maxStrikes',
    standing.maxStrikes,
    '',
    'the peer is ignored for `standing.ignoreMs`',
    'misbehaved, ignoredPeers, dropped[ignored]',
    GROUP,
    'a peer that misbehaves three times'
  ),
  limit(
    'standing.maxOffenders',
    standing.maxOffenders,
    '',
    'the one that was longest quiet is forgotten',
    'ignoredPeers',
    GATE,
    'are remembered for so many peers'
  ),
  limit(
    'broadcast.degree',
    broadcast.degree,
    '',
    'of peers that choose us, twice as many are taken',
    'neighbours',
    BROADCASTER,
    'are also those that chose us'
  )
]

export const MESSAGE_LIMITS: readonly Limit[] = [
  limit(
    'maxPeers of a codec',
    MAX_VIEW_ENTRIES,
    '',
    'the message is malformed',
    'malformed',
    CONFORMANCE,
    ''
  ),
  limit(
    'maxDigests of a codec',
    MAX_DIGESTS,
    '',
    'the message is malformed',
    'malformed',
    CONFORMANCE,
    ''
  ),
  limit(
    'maxContents of a codec',
    MAX_CONTENTS,
    '',
    'the message is malformed',
    'malformed',
    CONFORMANCE,
    ''
  ),
  limit(
    'cells, or short ids',
    MAX_SKETCH_BYTES,
    'bytes',
    'the message is malformed',
    'malformed',
    CONFORMANCE,
    ''
  ),
  limit(
    'an address',
    MAX_ADDRESS_BYTES,
    'bytes',
    'the message is malformed',
    'malformed',
    CONFORMANCE,
    ''
  ),
  limit(
    'maxMessageBytes of TCP',
    maxMessageBytes,
    'bytes',
    'the connection is closed',
    'refused[too-large]',
    TCP,
    'messages: longer than the limit'
  )
]

export const TCP_LIMITS: readonly Limit[] = [
  limit(
    'limits.inboundLanes',
    limits.inboundLanes,
    '',
    'the one idle longest goes',
    'refused[evicted]',
    TCP,
    'inbound lanes: the one idle longest'
  ),
  limit(
    'limits.outboundLanes',
    limits.outboundLanes,
    '',
    'the one idle longest goes',
    'refused[evicted]',
    TCP,
    'outbound lanes: the least recently used'
  ),
  limit(
    'limits.pendingConnections',
    limits.pendingConnections,
    '',
    'the one silent longest goes',
    'refused[evicted]',
    TCP,
    'connections without a hello'
  ),
  limit(
    'limits.connectionsPerHost',
    limits.connectionsPerHost,
    '',
    'the newcomer is closed',
    'refused[host-full]',
    TCP,
    'connections of one host'
  ),
  limit(
    'limits.connectionsPerNetwork',
    limits.connectionsPerNetwork,
    '',
    'the newcomer is closed',
    'refused[network-full]',
    ADMISSION,
    'of one network are limited'
  ),
  limit(
    'limits.queuedBytesPerLane',
    limits.queuedBytesPerLane,
    'bytes',
    '`send` rejects with OVERLOADED',
    'refused[queue-full]',
    TCP,
    'the queue of a lane'
  ),
  limit(
    'limits.queuedFramesPerLane',
    limits.queuedFramesPerLane,
    '',
    '`send` rejects with OVERLOADED',
    'refused[queue-full]',
    TCP,
    'the queue of a lane'
  ),
  limit(
    'limits.partialBytes',
    limits.partialBytes,
    'bytes',
    'the frame begun first pays',
    'refused[partial-full]',
    TCP,
    'half-received frames'
  ),
  limit(
    'deadlines.helloMs',
    deadlines.helloMs,
    'ms',
    'the connection is closed',
    'refused[hello-late]',
    TCP,
    'a silent client is closed'
  ),
  limit(
    'deadlines.frameMs',
    deadlines.frameMs,
    'ms',
    'the connection is closed',
    'refused[frame-late]',
    TCP,
    'a frame that trickles'
  ),
  limit(
    'deadlines.idleMs',
    deadlines.idleMs,
    'ms',
    'the connection is closed',
    'refused[idle]',
    TCP,
    'an idle lane is closed'
  ),
  limit(
    'deadlines.writeMs',
    deadlines.writeMs,
    'ms',
    'the connection is closed',
    'refused[write-late]',
    TCP,
    'a frozen peer is given up'
  )
]

export const CRATE_LIMITS: readonly Limit[] = [
  limit(
    'maxMessageBytes',
    crate.maxMessageBytes,
    'bytes',
    'the connection is closed; `send` rejects with MESSAGE_TOO_LARGE',
    'refused[too-large]',
    CRATE_PAIR,
    'a message without end'
  ),
  limit(
    'maxDigests',
    crate.maxDigests,
    '',
    'the message is malformed',
    'refused[malformed]',
    CRATE_WIRE,
    'more digests than allowed'
  ),
  limit(
    'maxInbound',
    crate.maxInbound,
    '',
    'the one open longest goes',
    'refused[inbound-full]',
    CRATE,
    'in all: silent ones make room'
  ),
  limit(
    'maxInboundPerHost',
    crate.maxInboundPerHost,
    '',
    "that host's own that is open longest goes",
    'refused[host-full]',
    CRATE,
    'of one host: it makes room itself'
  ),
  limit(
    'maxUnfinishedBytes',
    crate.maxUnfinishedBytes,
    'bytes',
    'the connection with the most goes',
    'refused[unfinished-full]',
    CRATE,
    'unfinished bytes: the connection'
  ),
  limit(
    'maxOutbound',
    crate.maxOutbound,
    '',
    'the one open longest goes',
    'refused[outbound-full]',
    CRATE,
    'in all: the one open longest'
  ),
  limit(
    'maxOutboundPerPeer',
    crate.maxOutboundPerPeer,
    '',
    'further messages to that address wait',
    'waiting',
    CRATE,
    'to one address: the rest waits'
  ),
  limit(
    'maxWaitingPerPeer',
    crate.maxWaitingPerPeer,
    '',
    '`send` rejects with OVERLOADED',
    'refused[waiting-full]',
    CRATE,
    'to one address: the rest waits'
  ),
  limit(
    'connectMs',
    crate.connectMs,
    'ms',
    '`send` rejects with UNREACHABLE',
    'refused[connect-late]',
    CRATE,
    'to one that does not answer'
  ),
  limit(
    'messageMs',
    crate.messageMs,
    'ms',
    'the connection is closed',
    'refused[read-late], refused[write-late]',
    CRATE_PAIR,
    'a silent client, and one that trickles'
  )
]

/** The page as it must stand. */
export function limitsPage(): string {
  return `# Limits

Everything that a peer can make a node hold or wait for, with its default, what happens when it is reached, where it is counted, and the test that reaches it. This page is written by the code: \`LIMITS=write npx vitest run docs/test/limits.test.ts\`; a test keeps it true.

## A node
Options of \`createGossip\`, counters of \`gossip.stats()\`.

${table(NODE_LIMITS)}
## A message
${table(MESSAGE_LIMITS)}
## TCP
Options of \`tcpTransport\`, counters of its \`stats()\`.

${table(TCP_LIMITS)}
## The crate's network
Options of \`gossipCrate\`, counters of its transport's \`stats()\`.

${table(CRATE_LIMITS)}`
}

function table(rows: readonly Limit[]): string {
  const lines = rows.map(
    ({ option, value, unit, reached, counter, file }) =>
      `| ${option.includes(' ') ? option : `\`${option}\``} | ${figure(value, unit)} | ${reached} | ${counter} | [${file.split('/').at(-1)}](../${file}) |`
  )
  return `| limit | default | when reached | counter | test |\n|---|---|---|---|---|\n${lines.join('\n')}\n`
}

function figure(value: number, unit: Limit['unit']): string {
  if (unit === 'bytes' && value % 2 ** 20 === 0) return `${value / 2 ** 20} MiB`
  if (unit === 'bytes' && value % 1024 === 0) return `${value / 1024} KiB`
  return `${value.toLocaleString('en')}${unit === '' ? '' : ` ${unit}`}`
}
