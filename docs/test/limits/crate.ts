/** The limits of `gossipCrate`. */

import { limitsOf } from '../../../packages/compat-gossip-crate/src/options.ts'
import type { Limit } from './limit.ts'

const { port: _port, ...defaults } = limitsOf({})
export const crateDefaults = defaults

const LIMITS = 'packages/compat-gossip-crate/test/limits.test.ts'
const PAIR = 'packages/compat-gossip-crate/test/crate-pair.test.ts'

export const CRATE_LIMITS: readonly Limit[] = [
  {
    option: 'maxMessageBytes',
    value: defaults.maxMessageBytes,
    reached: 'the connection is closed; `send` rejects with MESSAGE_TOO_LARGE',
    counter: 'refused[too-large]',
    file: PAIR,
    title: 'protected where the crate is not > an endless message is cut off at the limit'
  },
  {
    option: 'maxDigests',
    value: defaults.maxDigests,
    reached: 'the message is malformed',
    counter: 'refused[malformed]',
    file: 'packages/compat-gossip-crate/test/wire.test.ts',
    title: 'invalid messages > more digests than allowed',
    seenBy: 'too long'
  },
  {
    option: 'maxInbound',
    value: defaults.maxInbound,
    reached: 'the connection open for longest is closed',
    counter: 'refused[inbound-full]',
    file: LIMITS,
    title: 'inbound connections > in total: silent ones are closed for new ones, the oldest first'
  },
  {
    option: 'maxInboundPerHost',
    value: defaults.maxInboundPerHost,
    reached: 'the connection of that host open for longest is closed',
    counter: 'refused[host-full]',
    file: LIMITS,
    title:
      'inbound connections > of one host: its own oldest is closed, and the unfinished messages of others stay'
  },
  {
    option: 'maxUnfinishedBytes',
    value: defaults.maxUnfinishedBytes,
    reached: 'the connection with the most unfinished bytes is closed',
    counter: 'refused[unfinished-full]',
    file: LIMITS,
    title: 'inbound connections > unfinished bytes: the connection with the most is closed'
  },
  {
    option: 'maxOutbound',
    value: defaults.maxOutbound,
    reached: 'the connection open for longest is closed',
    counter: 'refused[outbound-full]',
    file: LIMITS,
    title:
      'outbound connections > in total: the oldest is closed, so that hanging hosts do not block others'
  },
  {
    option: 'maxOutboundPerPeer',
    value: defaults.maxOutboundPerPeer,
    reached: 'further messages to that address wait',
    counter: 'waiting',
    file: LIMITS,
    title:
      'outbound connections > to one address: further messages wait, and those to others do not'
  },
  {
    option: 'maxWaitingPerPeer',
    value: defaults.maxWaitingPerPeer,
    reached: '`send` rejects with OVERLOADED',
    counter: 'refused[waiting-full]',
    file: LIMITS,
    title:
      'outbound connections > to one address: further messages wait, and those to others do not'
  },
  {
    option: 'connectMs',
    value: defaults.connectMs,
    reached: '`send` rejects with UNREACHABLE',
    counter: 'refused[connect-late]',
    file: LIMITS,
    title: 'outbound connections > to a peer that does not answer: given up in time'
  },
  {
    option: 'messageMs',
    value: defaults.messageMs,
    reached: 'the connection is closed',
    counter: 'refused[read-late], refused[write-late]',
    file: PAIR,
    title: 'protected where the crate is not > a silent client, and a slow one, are cut off in time'
  }
]
