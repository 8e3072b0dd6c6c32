/** One node in a process of its own, driven by messages. Started by `process-group.ts`. */
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { contentOf, numberIn } from './ledger.ts'

/** What the parent says. */
export type NodeOrder =
  | { readonly kind: 'start', readonly port: number, readonly peers: readonly string[] }
  | { readonly kind: 'submit', readonly id: number, readonly bytes: number }
  | { readonly kind: 'peers' }

/** What the node answers, or tells of itself. */
export type NodeNews =
  | { readonly kind: 'started', readonly address: string }
  | { readonly kind: 'heard', readonly ids: readonly number[] }
  | { readonly kind: 'peers', readonly peers: readonly string[] }

let gossip: ReturnType<typeof createGossip> | undefined
let heard: number[] = []

process.on('message', (order: NodeOrder) => void obey(order))
// Without a parent there is nothing left to do.
process.once('disconnect', () => process.exit(0))

async function obey(order: NodeOrder): Promise<void> {
  if (order.kind === 'start') {
    gossip = createGossip({
      transport: tcpTransport({ port: order.port }), codec: binaryCodec(), peers: staticPeers(order.peers),
      handler: { onUpdate: ({ content }) => note(numberIn(content)) }
    })
    tell({ kind: 'started', address: await gossip.start() })
  } else if (order.kind === 'submit') {
    gossip!.submit(contentOf(order.id, order.bytes))
  } else {
    tell({ kind: 'peers', peers: gossip!.peers().map(({ address }) => address) })
  }
}

/** News travel in batches: one message for all that came in a turn. */
function note(id: number): void {
  if (heard.push(id) > 1) return
  setImmediate(() => {
    tell({ kind: 'heard', ids: heard })
    heard = []
  })
}

function tell(news: NodeNews): void {
  process.send!(news)
}
