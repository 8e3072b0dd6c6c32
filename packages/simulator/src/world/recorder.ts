/** Counts what happens in a simulated world: how updates spread, and their traffic. */

import { digestOfKey, keyOfDigest, type DigestKey } from '@rumormill/protocol/engine'
import {
  FIELDS,
  MESSAGES,
  type Digest,
  type FieldName,
  type Message,
  type MessageKind,
  type Peer
} from '@rumormill/protocol/plugin'

/** How far one update spread. */
export interface UpdateReport {
  readonly digest: Digest
  readonly submittedBy: number
  readonly submittedAtMs: number
  /** Nodes that have or had it, the submitter included. */
  readonly reached: number
  /** The time from the submission until the last of these got it. */
  readonly lastMs: number
  /** The largest number of hops from the submitter to a node. */
  readonly lastHop: number
}

/** Messages of one kind that nodes passed to the network. */
export interface Traffic {
  messages: number
  /** Encoded bytes, or an estimate if the world has no codec. */
  bytes: number
}

export interface Counts {
  readonly traffic: Readonly<Record<MessageKind, Traffic>>
  /** Messages that were lost by the network, by a crash of their receiver, or by a partition. */
  readonly lost: number
  /** Messages that the network delivered twice. */
  readonly duplicated: number
  /** Sends that failed because the receiver was unreachable. */
  readonly unreachable: number
  /** Contents that nodes received, and how many of them were new; the others are redundant. */
  readonly contentsReceived: number
  readonly contentsDelivered: number
}

interface UpdateTrace {
  readonly by: number
  readonly atMs: number
  readonly hops: Map<number, number>
  lastMs: number
  lastHop: number
}

export class Recorder {
  readonly counts = {
    traffic: Object.fromEntries(
      Object.keys(MESSAGES).map((kind) => [kind, { messages: 0, bytes: 0 }])
    ) as Record<MessageKind, Traffic>,
    lost: 0,
    duplicated: 0,
    unreachable: 0,
    contentsReceived: 0,
    contentsDelivered: 0
  }
  readonly #traces = new Map<DigestKey, UpdateTrace>()

  sent(message: Message, bytes: number): void {
    const traffic = this.counts.traffic[message.kind]
    traffic.messages++
    traffic.bytes += bytes
  }

  received(message: Message): void {
    if ('contents' in message) this.counts.contentsReceived += message.contents.length
  }

  submitted(nowMs: number, node: number, key: DigestKey): void {
    // The same content from two nodes is one update, which counts from the first submission.
    const trace = this.#traces.get(key)
    if (trace === undefined)
      this.#traces.set(key, {
        by: node,
        atMs: nowMs,
        hops: new Map([[node, 0]]),
        lastMs: 0,
        lastHop: 0
      })
    else trace.hops.set(node, trace.hops.get(node) ?? 0)
  }

  delivered(nowMs: number, node: number, from: number, key: DigestKey): void {
    this.counts.contentsDelivered++
    const trace = this.#traces.get(key)
    if (trace === undefined) return
    const hop = (trace.hops.get(from) ?? 0) + 1
    if (trace.hops.has(node)) return
    trace.hops.set(node, hop)
    trace.lastMs = nowMs - trace.atMs
    trace.lastHop = Math.max(trace.lastHop, hop)
  }

  /** Returns whether `node` has or had the update. */
  hasReached(digest: Digest, node: number): boolean {
    return this.#traces.get(keyOfDigest(digest) ?? '')?.hops.has(node) ?? false
  }

  updates(): UpdateReport[] {
    return [...this.#traces].map(([key, { by, atMs, hops, lastMs, lastHop }]) => ({
      digest: digestOfKey(key),
      submittedBy: by,
      submittedAtMs: atMs,
      reached: hops.size,
      lastMs,
      lastHop
    }))
  }
}

/** Estimates the size of a message in a compact codec. */
export function guessBytes(message: Message): number {
  const values = message as Readonly<Partial<Record<FieldName, unknown>>>
  return MESSAGES[message.kind].fields.reduce<number>(
    (sum, name) => sum + guessField(name, values[name]),
    2
  )
}

function guessField(name: FieldName, value: unknown): number {
  const field = FIELDS[name]
  switch (field.type) {
    case 'peers':
      return (value as readonly Peer[]).reduce((sum, { address }) => sum + address.length + 3, 1)
    case 'contents':
      return (value as readonly Uint8Array[]).reduce((sum, content) => sum + content.length + 2, 2)
    case 'ages':
      return (value as readonly number[]).length
    case 'number':
      return field.most > 0xffff ? 4 : 2
    case 'digests':
    case 'bytes':
      return (value as Uint8Array).length + (field.type === 'digests' || field.least === 0 ? 2 : 0)
  }
}
