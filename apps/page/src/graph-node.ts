/** A node as the graph library keeps it: with its place. */

import type { NodeObject } from 'force-graph'

export interface GraphNode extends NodeObject {
  readonly id: number
}
