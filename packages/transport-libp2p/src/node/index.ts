/**
 * The entry point `@rumormill/transport-libp2p/node`: libp2p nodes over TCP, and closed groups. Not for browsers.
 * @module @rumormill/transport-libp2p/node
 */

import '../promise-guard.ts'

export { allowOnly, generatePsk } from './closed-group.ts'
export { createNode, type CreateNodeOptions } from './create-node.ts'
export { standaloneTransport, type StandaloneTransportOptions } from './standalone-transport.ts'
