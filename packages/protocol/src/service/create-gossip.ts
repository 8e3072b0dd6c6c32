/** Creates a node from options. */

import type { GossipService } from './gossip-service.ts'
import { GossipNode } from './node.ts'
import type { GossipOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

/** Creates a node. It opens nothing before `start`. Throws one INVALID_CONFIG that lists every error. */
export function createGossip(options: GossipOptions): GossipService {
  return new GossipNode(resolveOptions(options))
}
