/** Reports connections that a node of `createNode` refuses to the transports on that node. */

import type { Libp2p } from '@libp2p/interface'
import type { GossipError } from '@rumormill/protocol/plugin'

type Listener = (error: GossipError) => void

const listeners = new WeakMap<Libp2p, Set<Listener>>()

/** Calls `listener` for each refusal of `node`, until the returned function is called. */
export function onRefusal(node: Libp2p, listener: Listener): () => void {
  const ofNode = listeners.get(node) ?? new Set()
  listeners.set(node, ofNode.add(listener))
  return () => ofNode.delete(listener)
}

/** Calls the listeners of `node`. */
export function reportRefusal(node: Libp2p, error: GossipError): void {
  for (const listener of listeners.get(node) ?? []) listener(error)
}
