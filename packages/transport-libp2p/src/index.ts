/**
 * The face of `@rumormill/transport-libp2p`. For pages and Node alike; nodes over TCP are made by its `./node` face.
 * @module @rumormill/transport-libp2p
 */

import './promise-guard.ts'

export { libp2pTransport, type Libp2pStats, type Libp2pTransport } from './libp2p-transport.ts'
export { type Libp2pDeadlines, type Libp2pLimits, type Libp2pTransportOptions } from './config.ts'
