/** Creates a node from options. */

import type { GossipOptions } from '../options/options.ts'
import { resolveOptions } from '../options/resolve-options.ts'
import { GossipNode } from './gossip-node.ts'
import type { GossipService } from './gossip-service.ts'

/** Creates a node. It opens nothing before `start`. Throws one INVALID_CONFIG that lists every error. */
export function createGossip(options: GossipOptions): GossipService {
  return new GossipNode(resolveOptions(options))
}
