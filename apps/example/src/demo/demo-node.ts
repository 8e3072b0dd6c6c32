/** A node of the demo, in this process or in its own: its commands and its events. */

import type { NodeFigures } from '@rumormill/page'
import type { GossipService, Peer, Preset } from '@rumormill/protocol'
import { fromString, toString } from 'uint8arrays'
import { complaints, describe } from '../complaints.ts'
import { createNode } from '../node.ts'
import type { CodecName, TransportName } from '../plugin-names.ts'
import { loadTransport } from '../plugins.ts'
import { WireTap } from '../tap.ts'

export interface DemoNode {
  /** Starts the node. Resolves with its address once it listens. */
  start(peers: readonly string[]): Promise<string>
  submit(content: string): void
  /** Cuts it off from these peers, and reconnects it with all others. */
  cut(peers: readonly string[]): void
  /** Requests the event `saw`. */
  look(): void
  stop(): Promise<void>
  /** Stops it silently, as a crash does. */
  kill(): Promise<void>
}

/** The figures of a node and its view. */
export interface Sight extends NodeFigures {
  readonly view: readonly Peer[]
}

/** The events of a node. Times are milliseconds of a clock that all processes of this machine share. */
export interface DemoListener {
  /** A peer has answered. */
  connected(): void
  submitted(content: string, atMs: number): void
  /** `from` is the address of the peer that sent it first. */
  delivered(content: string, atMs: number, from: string | undefined): void
  saw(sight: Sight): void
  failed(reason: string): void
  /** The node ended without having been stopped. Only nodes in their own process can. */
  ended(reason: string): void
}

/** The options that all nodes of a demo share. */
export interface DemoNodeOptions {
  readonly transport: TransportName
  readonly codec: CodecName
  readonly preset: Preset
  /** The capacity of the store. It fits all updates, because nothing expires in a demo. */
  readonly updates: number
  /** The most connections that a node opens. */
  readonly maxConnections: number
}

export function localNode(
  { transport, codec, preset, updates, maxConnections }: DemoNodeOptions,
  listener: DemoListener
): DemoNode {
  const tap = new WireTap()
  let loading: Promise<void> | undefined
  let service: GossipService | undefined
  const stop = async (): Promise<void> => {
    await loading
    await service?.stop()
  }
  return {
    async start(peers) {
      loading = loadTransport(transport)
      await loading
      service = createNode({
        transport,
        listen: { host: '127.0.0.1', port: 0, maxConnections },
        codec,
        peers,
        network: 'demo',
        preset,
        store: { maxUpdates: updates },
        tap,
        onUpdate: ({ content }) => {
          const text = toString(content)
          listener.delivered(text, nowMs(), tap.sourceOf(text))
        },
        observe: complaints([], (complaint) => listener.failed(complaint))
      })
      const address = await service.start()
      // Rejects only when the node stops before any peer has answered.
      service.ready().then(
        () => listener.connected(),
        () => {}
      )
      return address
    },
    submit(content) {
      const atMs = nowMs()
      try {
        service!.submit(fromString(content))
        listener.submitted(content, atMs)
      } catch (error) {
        listener.failed(describe(error))
      }
    },
    cut: (peers) => tap.cut(peers),
    look: () => listener.saw(sightOf(service!, tap)),
    stop,
    // Peers are not notified of a stop either, so a crash in the same process is the same.
    kill: stop
  }
}

function sightOf(service: GossipService, tap: WireTap): Sight {
  const stats = service.stats()
  const {
    submitted,
    delivered,
    sentMessages,
    sentBytes,
    receivedMessages,
    receivedBytes,
    failed,
    neighbors
  } = stats
  return {
    view: service.peers(),
    waiting: stats.waitingUpdates,
    sending: stats.sendingMessages,
    neighbors,
    updates: stats.activeUpdates,
    submitted,
    delivered,
    copies: tap.copies,
    sentMessages,
    sentBytes,
    receivedMessages,
    receivedBytes,
    dropped: Object.values(stats.dropped).reduce((sum, count) => sum + count, 0),
    failed
  }
}

/** Returns milliseconds of a clock that all processes share; `performance.now` starts at 0 in each process. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
