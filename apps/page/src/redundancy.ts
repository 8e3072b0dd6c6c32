/** How many copies of an update arrive at a node for each that is news to it. */
import type { GroupState } from './wire.ts'

/** Copies for each delivery since the nodes that are up were started; undefined when nothing was delivered. */
export function redundancyOf({ nodes }: GroupState): number | undefined {
  const living = nodes.filter(({ status }) => status === 'up')
  const delivered = living.reduce((sum, node) => sum + node.delivered, 0)
  return delivered > 0 ? living.reduce((sum, node) => sum + node.copies, 0) / delivered : undefined
}

/** Copies for each delivery between two states; undefined when nothing was delivered. Nodes that began anew are left out. */
export function redundancyBetween(before: GroupState | undefined, after: GroupState): number | undefined {
  if (before === undefined || before.run !== after.run) return undefined
  let copies = 0
  let delivered = 0
  for (const [number, node] of after.nodes.entries()) {
    const earlier = before.nodes[number]
    if (earlier === undefined || earlier.life !== node.life || node.status !== 'up') continue
    copies += node.copies - earlier.copies
    delivered += node.delivered - earlier.delivered
  }
  return delivered > 0 ? copies / delivered : undefined
}
