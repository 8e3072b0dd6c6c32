/** A group of nodes over real sockets in this process, with the contents that each received. */

import { binaryCodec } from '@rumormill/codec-binary'
import { until } from '@rumormill/harness/until'
import {
  createGossip,
  staticPeers,
  type GossipOptions,
  type GossipService
} from '@rumormill/protocol'
import { tcpTransport, type TcpTransportOptions } from '@rumormill/transport-tcp'
import { numberIn, putNumber } from './submissions.ts'

export interface SocketNodeOptions {
  readonly tcp?: TcpTransportOptions
  /** Differences from a node with the preset `local` whose peer source is the first node. */
  readonly gossip?: Partial<GossipOptions>
}

interface Member {
  readonly gossip: GossipService
  /** The contents that arrived, by number: how often, when first, and their bytes. */
  readonly heard: Map<number, { count: number; atMs: number; content: Uint8Array }>
}

export class SocketGroup {
  readonly members: Member[] = []
  readonly submitted: {
    readonly by: number
    readonly atMs: number
    readonly content: Uint8Array
  }[] = []

  /** Starts another node; returns its number. */
  async join({ tcp = {}, gossip: options = {} }: SocketNodeOptions = {}): Promise<number> {
    const heard: Member['heard'] = new Map()
    const [first] = this.members
    const gossip = createGossip({
      transport: tcpTransport(tcp),
      codec: binaryCodec(),
      peerSource: staticPeers(first === undefined ? [] : [first.gossip.address]),
      preset: 'local',
      ...options,
      handler: {
        onUpdate: (update) => {
          const delivery = heard.get(numberIn(update.content))
          if (delivery !== undefined) delivery.count++
          else
            heard.set(numberIn(update.content), {
              count: 1,
              atMs: performance.now(),
              content: update.content
            })
          return options.handler?.onUpdate(update)
        }
      }
    })
    const number = this.members.push({ gossip, heard }) - 1
    await gossip.start()
    return number
  }

  /** Lets a node submit `content`, which must begin with its index in {@link submitted}. */
  submit(by: number, content: Uint8Array): void {
    putNumber(content, this.submitted.length)
    const atMs = performance.now()
    this.members[by]!.gossip.submit(content)
    this.submitted.push({ by, atMs, content })
  }

  /** Returns how many updates the nodes lack, except for their own. */
  missing(nodes: readonly number[] = [...this.members.keys()]): number {
    return nodes.reduce((sum, node) => {
      const { heard } = this.members[node]!
      return sum + this.submitted.filter(({ by }, id) => by !== node && !heard.has(id)).length
    }, 0)
  }

  /** Waits until no update is missing, at most `timeoutMs`. Returns the number of missing updates. */
  async settle(timeoutMs: number, nodes?: readonly number[]): Promise<number> {
    await until(() => this.missing(nodes) === 0, timeoutMs)
    return this.missing(nodes)
  }

  /** Returns how long the updates from number `first` on took to each node that has them. */
  delaysMs(first: number): number[] {
    return this.members.flatMap(({ heard }) =>
      [...heard].flatMap(([id, { atMs }]) => {
        return id < first ? [] : [atMs - this.submitted[id]!.atMs]
      })
    )
  }

  get duplicates(): number {
    return this.members.reduce(
      (sum, { heard }) => [...heard.values()].reduce((extra, { count }) => extra + count - 1, sum),
      0
    )
  }

  /** The number of contents that differ from what was submitted. */
  get changed(): number {
    return this.members.reduce((sum, { heard }) => {
      return (
        sum +
        [...heard].filter(([id, { content }]) => !equal(content, this.submitted[id]?.content))
          .length
      )
    }, 0)
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ gossip }) => gossip.stop()))
  }
}

function equal(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return (
    other !== undefined &&
    one.length === other.length &&
    one.every((byte, index) => byte === other[index])
  )
}
