/** Computes the redundancy: copies of an update per delivery. */

import type { GroupState } from './wire.ts'

/** Returns the copies per delivery since the live nodes were started; undefined when nothing was delivered. */
export function redundancyOf({ nodes }: GroupState): number | undefined {
  const living = nodes.filter(({ status }) => status === 'up')
  const delivered = living.reduce((sum, node) => sum + node.delivered, 0)
  return delivered > 0 ? living.reduce((sum, node) => sum + node.copies, 0) / delivered : undefined
}
