/** A node in its own process, over TCP or libp2p, which records what it sees and when. Started by `timed-group.ts`. */

import { binaryCodec } from '@rumormill/codec-binary'
import { obeyParent, type Answer } from '@rumormill/harness/node-process'
import {
  createGossip,
  staticPeers,
  type GossipEvent,
  type GossipService,
  type Transport
} from '@rumormill/protocol'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { createNode } from '@rumormill/transport-libp2p/node'
import { tcpTransport, type TcpDeadlines } from '@rumormill/transport-tcp'
import { machineMs, waitedMs } from './machine-clock.ts'
import { contentOf, numberIn } from './submissions.ts'

export type TransportKind = 'tcp' | 'libp2p'

/** Differences from a default node. */
export interface TimedLife {
  /** Deadlines that both transports have. */
  readonly deadlines?: Partial<Pick<TcpDeadlines, 'silentMs' | 'answerMs' | 'writeMs'>>
  /** Keeps peers that do not answer requests in its view, so that only the transport detects silent ones. */
  readonly keepsPeers?: boolean
}

/** Messages from the parent. */
export type TimedOrder =
  | {
      readonly kind: 'start'
      readonly transport: TransportKind
      readonly host: string
      readonly peers: readonly string[]
      readonly life: TimedLife
    }
  /** Submits `count` updates, the first with number `id`. */
  | {
      readonly kind: 'submit'
      readonly id: number
      readonly count: number
      readonly bytes: number
    }
  | { readonly kind: 'state' }

/** An event of the node, with the time of {@link machineMs}. */
export type Note = { readonly atMs: number } & (
  | { readonly kind: 'submitted'; readonly id: number }
  | { readonly kind: 'heard'; readonly id: number }
  /** Its view has changed. */
  | { readonly kind: 'view'; readonly peers: readonly string[] }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly message: string
      readonly peer: string | undefined
    }
  | { readonly kind: 'dropped'; readonly reason: string; readonly count: number }
  | { readonly kind: 'violation'; readonly peer: string; readonly bannedMs: number }
)

/** The current state of the node. */
export interface TimedState {
  readonly rssBytes: number
  /** Bytes in the send queues of the transport. */
  readonly queuedBytes: number
  /** How long its process has waited for a processor since it started. */
  readonly waitedMs: number
}

export type TimedNews =
  | { readonly kind: 'notes'; readonly notes: readonly Note[] }
  | Answer<string | TimedState>

/** The interval at which the view is checked. */
const LOOK_MS = 20

let gossip: GossipService | undefined
let queuedBytes: () => number = () => 0
let notes: Note[] = []

obeyParent(obey)

async function obey(order: TimedOrder): Promise<void> {
  switch (order.kind) {
    case 'start':
      return tell({ kind: 'answer', answer: await start(order) })
    case 'submit':
      return submit(order)
    case 'state':
      return tell({
        kind: 'answer',
        answer: {
          rssBytes: process.memoryUsage.rss(),
          queuedBytes: queuedBytes(),
          waitedMs: waitedMs()
        }
      })
  }
}

async function start(order: TimedOrder & { kind: 'start' }): Promise<string> {
  gossip = createGossip({
    transport: await openTransport(order),
    codec: binaryCodec(),
    // The default network name would cause a warning where other machines can reach the node.
    network: 'chaos',
    peerSource: staticPeers(order.peers),
    observe,
    ...(order.life.keepsPeers === true ? { membership: { maxFailedSends: Infinity } } : {}),
    handler: {
      onUpdate: ({ content }) => note({ atMs: machineMs(), kind: 'heard', id: numberIn(content) })
    }
  })
  const address = await gossip.start()
  setInterval(look, LOOK_MS)
  return address
}

async function openTransport({
  transport: kind,
  host,
  life: { deadlines = {} }
}: TimedOrder & { kind: 'start' }): Promise<Transport> {
  if (kind === 'tcp') {
    const transport = tcpTransport({ host, deadlines })
    queuedBytes = () => transport.stats().queuedBytes
    return transport
  }
  const node = await createNode({ listen: [`/ip4/${host}/tcp/0`] })
  const transport = libp2pTransport({ node, deadlines })
  queuedBytes = () => transport.stats().queuedBytes
  return transport
}

function submit({ id: first, count, bytes }: TimedOrder & { kind: 'submit' }): void {
  for (let id = first; id < first + count; id++) {
    note({ atMs: machineMs(), kind: 'submitted', id })
    gossip!.submit(contentOf(id, bytes))
  }
}

function observe(event: GossipEvent): void {
  const atMs = machineMs()
  if (event.kind === 'failed') {
    const { code, message } = event.error
    note({ atMs, kind: 'failed', code, message, peer: event.peer })
  } else if (event.kind === 'dropped') {
    note({ atMs, kind: 'dropped', reason: event.reason, count: event.count })
  } else if (event.kind === 'violation') {
    note({ atMs, kind: 'violation', peer: event.peer, bannedMs: event.bannedMs })
  }
}

let lastView = ''

/** Records the view if it has changed. */
function look(): void {
  const peers = gossip!.peers().map(({ address }) => address)
  const view = peers.sort().join(' ')
  if (view === lastView) return
  lastView = view
  note({ atMs: machineMs(), kind: 'view', peers })
}

/** Sends records in batches: one message per turn of the event loop. */
function note(one: Note): void {
  if (notes.push(one) > 1) return
  setImmediate(() => {
    tell({ kind: 'notes', notes })
    notes = []
  })
}

function tell(news: TimedNews): void {
  process.send!(news)
}
