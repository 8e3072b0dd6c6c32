/**
 * The entry point of `@rumormill/transport-libp2p`, for browsers and Node.js. The entry point `./node` creates nodes over TCP.
 * @module @rumormill/transport-libp2p
 */

import './promise-guard.ts'

export { libp2pTransport, type Libp2pStats, type Libp2pTransport } from './libp2p-transport.ts'
export { type Libp2pDeadlines, type Libp2pLimits, type Libp2pTransportOptions } from './config.ts'
