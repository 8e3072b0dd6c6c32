/** How many copies of an update arrive at a node for each that is news to it. */

import type { GroupState } from './wire.ts'

/** Copies for each delivery since the nodes that are up were started; undefined when nothing was delivered. */
export function redundancyOf({ nodes }: GroupState): number | undefined {
  const living = nodes.filter(({ status }) => status === 'up')
  const delivered = living.reduce((sum, node) => sum + node.delivered, 0)
  return delivered > 0 ? living.reduce((sum, node) => sum + node.copies, 0) / delivered : undefined
}
