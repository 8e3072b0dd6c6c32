/** A node with its position, in the format of the graph library. */

import type { NodeObject } from 'force-graph'

export interface GraphNode extends NodeObject {
  readonly id: number
}
