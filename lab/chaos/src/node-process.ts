/** A node in its own process, controlled by messages. Started by `process-group.ts`. */

import { binaryCodec } from '@rumormill/codec-binary'
import { obeyParent, type Answer } from '@rumormill/harness/node-process'
import { createGossip, staticPeers, type GossipOptions } from '@rumormill/protocol'
import { tcpTransport, type TcpStats, type TcpTransport } from '@rumormill/transport-tcp'
import { contentOf, numberIn } from './submissions.ts'
import { watchVitals, type Vitals } from './vitals.ts'
import { shiftWallClock, wallClock } from './wall-clock.ts'

/** Messages from the parent. */
export type NodeOrder =
  | {
      readonly kind: 'start'
      readonly host?: string
      readonly port: number
      readonly peers: readonly string[]
      readonly life: NodeLife
    }
  | { readonly kind: 'submit'; readonly id: number; readonly bytes: number }
  | { readonly kind: 'peers' }
  | { readonly kind: 'vitals'; readonly anew: boolean }
  | { readonly kind: 'count'; readonly updates: number }
  | { readonly kind: 'pulse' }
  | { readonly kind: 'connections' }
  | { readonly kind: 'shift'; readonly ms: number }
  | { readonly kind: 'stall'; readonly ms: number }

/** Differences from a default node that reports each update. */
export interface NodeLife {
  readonly options?: Pick<GossipOptions, 'broadcast' | 'store' | 'fetch' | 'antiEntropy'>
  /** Reports no updates until it is asked to count: for loads at which reports would cost as much as gossip. */
  readonly silent?: boolean
  /** Uses the wall clock instead of a monotonic clock. */
  readonly byWallClock?: boolean
}

/** Messages of the node to the parent. */
export type NodeNews =
  | { readonly kind: 'heard'; readonly ids: readonly number[] }
  | Answer<string | readonly string[] | Vitals | NodeCount | NodePulse | TcpStats>

/** How many of the requested updates the node neither received nor submitted, and how many it received again. */
export interface NodeCount {
  readonly missing: number
  readonly duplicates: number
}

/** The rounds and the clock of a node. */
export interface NodePulse {
  readonly activeUpdates: number
  /** How many milliseconds ago each of its latest rounds was. */
  readonly roundsMs: readonly number[]
  /** The offset of its wall clock, in milliseconds. */
  readonly shiftedMs: number
}

/** The most rounds that are reported. */
const MAX_ROUNDS = 1000
/** Half a period: requests to one peer within it belong to one round. */
const SAME_ROUND_MS = 100

const vitals = watchVitals()
const roundsAtMs: number[] = []
const askedAtMs = new Map<string, number>()
/** How often each update arrived; own ones count as once. */
const counts: number[] = []
let transport: TcpTransport | undefined
let gossip: ReturnType<typeof createGossip> | undefined
let isSilent = false
let heard: number[] = []

obeyParent(obey)

async function obey(order: NodeOrder): Promise<void> {
  switch (order.kind) {
    case 'start':
      return tell({ kind: 'answer', answer: await start(order) })
    case 'submit':
      counts[order.id] = 1
      return void gossip!.submit(contentOf(order.id, order.bytes))
    case 'peers':
      return tell({ kind: 'answer', answer: gossip!.peers().map(({ address }) => address) })
    case 'vitals':
      return tell({ kind: 'answer', answer: vitals(order.anew) })
    case 'count':
      return tell({ kind: 'answer', answer: count(order.updates) })
    case 'pulse':
      return tell({ kind: 'answer', answer: pulse() })
    case 'connections':
      return tell({ kind: 'answer', answer: transport!.stats() })
    case 'shift':
      return shiftWallClock(order.ms)
    case 'stall':
      return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms)
  }
}

function start({
  host = '127.0.0.1',
  port,
  peers,
  life
}: NodeOrder & { kind: 'start' }): Promise<string> {
  const { options = {}, silent = false, byWallClock = false } = life
  isSilent = silent
  transport = tcpTransport({ host, port })
  gossip = createGossip({
    transport,
    codec: binaryCodec(),
    peerSource: staticPeers(peers),
    ...options,
    ...(byWallClock ? { clock: wallClock } : {}),
    observe: (event) => {
      if (
        event.kind === 'sent' &&
        (event.message === 'digest-request' || event.message === 'sketch-request')
      )
        noteRound(event.to)
    },
    handler: { onUpdate: ({ content }) => note(numberIn(content)) }
  })
  return gossip.start()
}

/** Reports updates in batches: one message for all that arrived in one turn of the event loop. */
function note(id: number): void {
  counts[id] = (counts[id] ?? 0) + 1
  if (isSilent || heard.push(id) > 1) return
  setImmediate(() => {
    tell({ kind: 'heard', ids: heard })
    heard = []
  })
}

function count(updates: number): NodeCount {
  let [missing, duplicates] = [0, 0]
  for (let id = 0; id < updates; id++) {
    const times = counts[id] ?? 0
    if (times === 0) missing++
    else duplicates += times - 1
  }
  return { missing, duplicates }
}

/** Notes a round. A request soon after another one to the same peer continues that round. */
function noteRound(to: string): void {
  const nowMs = performance.now()
  const lastMs = askedAtMs.get(to) ?? -Infinity
  askedAtMs.set(to, nowMs)
  if (nowMs - lastMs < SAME_ROUND_MS) return
  roundsAtMs.push(nowMs)
  if (roundsAtMs.length > MAX_ROUNDS) roundsAtMs.shift()
}

function pulse(): NodePulse {
  const nowMs = performance.now()
  return {
    activeUpdates: gossip!.stats().activeUpdates,
    roundsMs: roundsAtMs.map((atMs) => nowMs - atMs),
    shiftedMs: Date.now() - performance.timeOrigin - nowMs
  }
}

function tell(news: NodeNews): void {
  process.send!(news)
}
