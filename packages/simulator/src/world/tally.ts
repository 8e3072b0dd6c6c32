/** What happened in a simulated world, counted: how updates spread and what it cost. */

import { countDigests, type Digest, type Message, type MessageKind } from '@rumormill/protocol'

/** How far one update came. */
export interface UpdateReport {
  readonly digest: Digest
  readonly submittedBy: number
  readonly submittedAtMs: number
  /** Nodes that have or had it, the submitter included. */
  readonly reached: number
  /** When the last of these got it, after the submission. */
  readonly lastMs: number
  /** How many nodes it passed through at most: 1 straight from the submitter. */
  readonly lastHop: number
}

/** Messages of one kind that nodes handed to the network. */
export interface Traffic {
  messages: number
  /** As encoded, or a close guess where the world has no codec. */
  bytes: number
}

export interface Counts {
  readonly traffic: Readonly<Record<MessageKind, Traffic>>
  /** Messages that the network lost, or that were on their way to a node that died, or into a partition. */
  readonly lost: number
  /** Messages that the network delivered twice. */
  readonly duplicated: number
  /** Sends that failed because nobody could be reached. */
  readonly unreachable: number
  /** Contents that nodes were sent, and those among them that were new. Each beyond these is redundant. */
  readonly contentsReceived: number
  readonly contentsDelivered: number
}

interface Spread {
  readonly by: number
  readonly atMs: number
  readonly hops: Map<number, number>
  lastMs: number
  lastHop: number
}

const KINDS: readonly MessageKind[] = [
  'view-request',
  'view-response',
  'digest-request',
  'digest-response',
  'content-request',
  'content-response',
  'neighbor',
  'ihave',
  'eager-push',
  'prune',
  'sketch-request',
  'sketch-response',
  'difference-request'
]

export class Tally {
  readonly counts = {
    traffic: Object.fromEntries(KINDS.map((kind) => [kind, { messages: 0, bytes: 0 }])) as Record<
      MessageKind,
      Traffic
    >,
    lost: 0,
    duplicated: 0,
    unreachable: 0,
    contentsReceived: 0,
    contentsDelivered: 0
  }
  readonly #spreads = new Map<Digest, Spread>()

  sent(message: Message, bytes: number): void {
    const traffic = this.counts.traffic[message.kind]
    traffic.messages++
    traffic.bytes += bytes
  }

  received(message: Message): void {
    if ('contents' in message) this.counts.contentsReceived += message.contents.length
  }

  submitted(nowMs: number, node: number, digest: Digest): void {
    // The same content from two nodes is one update; it counts from the first.
    const spread = this.#spreads.get(digest)
    if (spread === undefined)
      this.#spreads.set(digest, {
        by: node,
        atMs: nowMs,
        hops: new Map([[node, 0]]),
        lastMs: 0,
        lastHop: 0
      })
    else spread.hops.set(node, spread.hops.get(node) ?? 0)
  }

  delivered(nowMs: number, node: number, from: number, digest: Digest): void {
    this.counts.contentsDelivered++
    const spread = this.#spreads.get(digest)
    if (spread === undefined) return
    const hop = (spread.hops.get(from) ?? 0) + 1
    if (spread.hops.has(node)) return
    spread.hops.set(node, hop)
    spread.lastMs = nowMs - spread.atMs
    spread.lastHop = Math.max(spread.lastHop, hop)
  }

  /** Whether `node` has, or had, the update. */
  hasReached(digest: Digest, node: number): boolean {
    return this.#spreads.get(digest)?.hops.has(node) ?? false
  }

  updates(): UpdateReport[] {
    return [...this.#spreads].map(([digest, { by, atMs, hops, lastMs, lastHop }]) => ({
      digest,
      submittedBy: by,
      submittedAtMs: atMs,
      reached: hops.size,
      lastMs,
      lastHop
    }))
  }
}

/** About what a compact codec makes of a message. */
export function guessBytes(message: Message): number {
  switch (message.kind) {
    case 'view-request':
    case 'view-response':
      return message.view.reduce((sum, { address }) => sum + address.length + 3, 3)
    case 'content-response':
    case 'eager-push':
      return message.contents.reduce((sum, content) => sum + content.length + 3, 4)
    case 'prune':
      return 5
    case 'sketch-request':
      return 20
    case 'sketch-response':
      return 22 + message.symbols.length
    case 'difference-request':
      return 3 + 32 * countDigests(message.digests) + message.ids.length
    case 'neighbor':
      return 2
    default:
      return 3 + 32 * countDigests(message.digests)
  }
}
