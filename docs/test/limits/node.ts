/** The limits of a node: options of `createGossip`. */

import { binaryCodec } from '@rumormill/codec-binary'
import { staticPeers } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import type { GossipConfig } from '../../../packages/protocol/src/options/options.ts'
import type { Preset } from '../../../packages/protocol/src/options/presets.ts'
import { resolveOptions } from '../../../packages/protocol/src/options/resolve-options.ts'
import type { Limit } from './limit.ts'

/** The options of a node over TCP with the binary codec that is given a preset and nothing else. */
export function defaultsOfPreset(preset: Preset): GossipConfig {
  return resolveOptions({
    transport: tcpTransport(),
    codec: binaryCodec(),
    peerSource: staticPeers([]),
    handler: { onUpdate: () => {} },
    preset
  })
}

export const nodeDefaults: GossipConfig = defaultsOfPreset('lan')
const { membership, store, fetch, delivery, sending, validation, reputation, broadcast } =
  nodeDefaults

const ACCEPTANCE = 'packages/protocol/test/engine/updates/acceptance.test.ts'
const REQUESTS = 'packages/protocol/test/engine/updates/requests.test.ts'
const STORE = 'packages/protocol/test/store/update-store.test.ts'
const BOUNDED_BYTES = 'packages/protocol/test/faults/bounded-bytes.test.ts'
const HANDLER = 'packages/protocol/test/node/handler.test.ts'
const VALIDATOR = 'packages/protocol/test/node/validator.test.ts'

export const NODE_LIMITS: readonly Limit[] = [
  {
    option: 'membership.viewSize',
    value: membership.viewSize,
    reached: 'entries are replaced',
    counter: 'viewSize',
    file: 'packages/protocol/test/membership/view.test.ts',
    title: 'select > never stores the own address, a duplicate, or more than c entries',
    seenBy: 'toBeLessThanOrEqual(c)'
  },
  {
    option: 'membership.maxPastPeers',
    value: membership.maxPastPeers,
    reached: 'the peer known for the shortest time is forgotten',
    counter: 'pastPeers',
    file: 'packages/protocol/test/membership/peer-sampler/unreachable-peers.test.ts',
    title:
      'crate flaw 13: peers that cannot be reached > are bounded, those known longest are kept, and tried as long as the node runs'
  },
  {
    option: 'store.maxContentBytes',
    value: store.maxContentBytes,
    reached: '`submit` throws UPDATE_TOO_LARGE; from peers: dropped',
    counter: 'dropped[content-too-large], dropped[lost]',
    file: ACCEPTANCE,
    title: 'what is refused > empty and oversized contents'
  },
  {
    option: 'store.maxUpdates',
    value: store.maxUpdates,
    reached:
      'the oldest updates expire, by default; while none may expire, `submit` throws STORE_FULL and the node fetches nothing',
    counter: 'activeUpdates, dropped[store-full]',
    file: REQUESTS,
    title: 'requests > stop while the store is full, and never lose what is in it'
  },
  {
    option: 'store.maxBytes',
    value: store.maxBytes,
    reached: 'as for `store.maxUpdates`',
    counter: 'activeBytes, dropped[store-full]',
    file: STORE,
    title: 'limits > count and bytes of active updates',
    seenBy: 'maxBytes'
  },
  {
    option: 'store.maxSeenDigests',
    value: store.maxSeenDigests,
    reached: 'the oldest digest is forgotten',
    counter: 'seenDigests',
    file: STORE,
    title:
      'of an expired update the store keeps > crate flaw 25: its digest, up to a limit, the oldest forgotten first',
    seenBy: 'seenDigests'
  },
  {
    option: 'fetch.maxRequests',
    value: fetch.maxRequests,
    reached: 'a later round requests the update',
    counter: 'pendingRequests, dropped[request-limit]',
    file: REQUESTS,
    title: 'requests > are bounded, in all and per peer'
  },
  {
    option: 'fetch.maxRequestsPerPeer',
    value: fetch.maxRequestsPerPeer,
    reached: 'a later round requests the update',
    counter: 'pendingRequests, dropped[request-limit]',
    file: REQUESTS,
    title: 'requests > are bounded, in all and per peer'
  },
  {
    option: 'fetch.requestTimeoutMs',
    value: fetch.requestTimeoutMs,
    reached: 'the next peer that offered the update is asked',
    counter: 'dropped[not-delivered]',
    file: REQUESTS,
    title:
      'requests > move to the next peer that offered the same after 3 s, and then are given up',
    seenBy: '3000'
  },
  {
    option: 'delivery.maxWaiting',
    value: delivery.maxWaiting,
    reached: 'the node fetches nothing more',
    counter: 'waitingUpdates, dropped[handler-queue-full]',
    file: HANDLER,
    title: 'the handler > crate flaw 6: a slow one bounds what is fetched, and loses nothing'
  },
  {
    option: 'delivery.maxWaitingBytes',
    value: delivery.maxWaitingBytes,
    reached: 'the node fetches nothing more; one response of each peer may still arrive',
    counter: 'waitingBytes, dropped[handler-queue-full]',
    file: BOUNDED_BYTES,
    title: 'a handler that hangs holds a bounded number of bytes'
  },
  {
    option: 'delivery.timeoutMs',
    value: delivery.timeoutMs,
    reached: 'the call counts as failed, and the next one begins',
    counter: 'failed',
    file: HANDLER,
    title:
      'the handler > crate flaw 29: may throw, reject or hang; later updates are still delivered'
  },
  {
    option: 'sending.maxMessagesPerPeer',
    value: sending.maxMessagesPerPeer,
    reached: 'the message is dropped; a later round repairs the loss',
    counter: 'sendingMessages, dropped[send-queue-full]',
    file: 'packages/protocol/test/node/spreading.test.ts',
    title:
      'a peer that reads nothing > crate flaw 4: delays no other peer, and uses bounded memory of this node'
  },
  {
    option: 'sending.maxBytesPerPeer',
    value: sending.maxBytesPerPeer,
    reached: 'as for `sending.maxMessagesPerPeer`',
    counter: 'sendingBytes, dropped[send-queue-full]',
    file: 'packages/protocol/test/node/outbox.test.ts',
    title: 'Outbox > takes no more bytes for one peer than the limit, and goes on for others'
  },
  {
    option: 'validation.maxConcurrent',
    value: validation.maxConcurrent,
    reached: 'further updates wait, and count as pending',
    counter: 'pendingValidations',
    file: VALIDATOR,
    title: 'the validator > is called for no more at once than the limit'
  },
  {
    option: 'validation.timeoutMs',
    value: validation.timeoutMs,
    reached: 'the update is not accepted; it is requested again at growing intervals',
    counter: 'failed, dropped[postponed]',
    file: VALIDATOR,
    title:
      'the validator > that throws, hangs or returns an invalid verdict is reported, and called again later'
  },
  {
    option: 'reputation.maxPenalties',
    value: reputation.maxPenalties,
    reached: 'the peer is banned for `reputation.banMs`',
    counter: 'violations, bannedPeers, dropped[peer-banned]',
    file: 'packages/protocol/test/node/admission.test.ts',
    title:
      'admission > a peer that breaks the protocol three times leaves the view, and is not read for ten minutes',
    seenBy: 'n < 3'
  },
  {
    option: 'reputation.maxTrackedPeers',
    value: reputation.maxTrackedPeers,
    reached: 'the peer without a violation for longest is forgotten, unless it is banned',
    counter: 'bannedPeers',
    file: 'packages/protocol/test/membership/admission.test.ts',
    title:
      'three violations > are tracked for a bounded number of peers, and forgotten first for the one whose last violation is the oldest'
  },
  {
    option: 'broadcast.degree',
    value: broadcast.degree,
    reached: 'the node accepts up to twice as many peers that chose it',
    counter: 'neighbors',
    file: 'packages/protocol/test/broadcast/broadcaster.test.ts',
    title:
      'neighbors > are also peers that chose this node, up to twice the degree, until a message is missing'
  }
]
