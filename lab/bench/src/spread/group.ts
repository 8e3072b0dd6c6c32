/** A complete group in one process. */

import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@rumormill/harness/until'
import { KINDS, NODES, type Heard, type NodeKind, type SpreadNode } from './nodes.ts'

const CONNECTED_WITHIN_MS = 20_000

/** Starts {@link NODES} connected nodes; each calls `heard` with the contents that the others submit. */
export async function startGroup(kind: NodeKind, heard: Heard): Promise<readonly SpreadNode[]> {
  const nodes: SpreadNode[] = []
  for (let n = 0; n < NODES; n++)
    nodes.push(
      await KINDS[kind](
        heard,
        nodes.map(({ contact }) => contact)
      )
    )
  await connected(nodes)
  await delay(1000)
  return nodes
}

/** Waits until all nodes have enough links. */
export async function connected(nodes: readonly SpreadNode[]): Promise<void> {
  const done = await until(() => nodes.every((node) => node.isConnected()), CONNECTED_WITHIN_MS, 2)
  if (!done) throw new Error(`not connected within ${CONNECTED_WITHIN_MS} ms`)
}
