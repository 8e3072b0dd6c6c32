/** The process of one node of the demo: executes the parent's messages, and ends when the parent does. */

import { describe } from '../complaints.ts'
import type { Order, Report } from './child-node.ts'
import { localNode, type DemoNode } from './demo-node.ts'

let node: DemoNode | undefined

process.on('message', (order) => {
  void obey(order as Order)
})
process.on('disconnect', () => {
  void end()
})

// Ctrl-C signals every process of the terminal, but the parent decides when its nodes end.
process.on('SIGINT', () => {})

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'start':
      return start(order)
    case 'submit':
      return node!.submit(order.content)
    case 'cut':
      return node!.cut(order.peers)
    case 'look':
      return node!.look()
    case 'stop':
      return end()
  }
}

async function start({ peers, options }: Order & { kind: 'start' }): Promise<void> {
  node = localNode(options, {
    connected: () => report({ kind: 'connected' }),
    submitted: (content, atMs) => report({ kind: 'submitted', content, atMs }),
    delivered: (content, atMs, from) => report({ kind: 'delivered', content, atMs, from }),
    saw: (sight) => report({ kind: 'saw', sight }),
    failed: (reason) => report({ kind: 'failed', reason }),
    ended: () => {}
  })
  try {
    report({ kind: 'started', address: await node.start(peers) })
  } catch (error) {
    report({ kind: 'failed', reason: describe(error) })
    process.exit(1)
  }
}

async function end(): Promise<void> {
  await node?.stop()
  process.exit(0)
}

function report(what: Report): void {
  // If the parent has ended, `disconnect` ends this process.
  if (process.connected) process.send!(what, () => {})
}
