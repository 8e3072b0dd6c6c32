/** The way in: options become a node. */

import type { GossipService } from './gossip-service.ts'
import { GossipNode } from './node.ts'
import type { GossipOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'

/**
 * Makes a node, not yet started: it opens nothing before `start`. Throws one INVALID_CONFIG that lists every reason.
 */
export function createGossip(options: GossipOptions): GossipService {
  return new GossipNode(resolveOptions(options))
}
