/** States of groups to test with. */

import type { GroupState, NodeState } from '../src/wire.ts'

/** A group whose nodes have these in their views; undefined for a dead one. */
export function stateOf(
  views: readonly (readonly number[] | undefined)[],
  change: Partial<GroupState> = {}
): GroupState {
  return {
    run: 1,
    feeding: false,
    settings: { nodes: views.length, transport: 'tcp', codec: 'binary', preset: 'local' },
    progress: {
      connected: 0,
      updates: 0,
      submitted: 0,
      expected: 0,
      delivered: 0,
      lost: 0,
      duplicates: 0,
      p50Ms: null,
      p99Ms: null
    },
    side: [],
    nodes: views.map((view) =>
      nodeOf({
        status: view === undefined ? 'down' : 'up',
        view: (view ?? []).map((node) => [node, 1])
      })
    ),
    ...change
  }
}

export function nodeOf(change: Partial<NodeState> = {}): NodeState {
  return {
    status: 'up',
    life: 0,
    address: '',
    view: [],
    waiting: 0,
    sending: 0,
    neighbors: 0,
    updates: 0,
    submitted: 0,
    delivered: 0,
    copies: 0,
    sentMessages: 0,
    sentBytes: 0,
    receivedMessages: 0,
    receivedBytes: 0,
    dropped: 0,
    failed: 0,
    ...change
  }
}
