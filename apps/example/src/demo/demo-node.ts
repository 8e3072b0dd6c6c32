/** A node of the demo, in this process or in one of its own: what the demo asks of it, and what it tells. */
import { fromString, toString } from 'uint8arrays'
import { complaints, describe } from '../complaints.ts'
import { createNode } from '../node.ts'
import type { CodecName, TransportName } from '../plugs.ts'

export interface DemoNode {
  /** Resolves with its address once it listens. */
  start(peers: readonly string[]): Promise<string>
  submit(content: string): void
  stop(): Promise<void>
}

/** What a node tells. Times are milliseconds of a clock that all processes of this machine share. */
export interface DemoListener {
  /** A peer has answered. */
  connected(): void
  submitted(content: string, atMs: number): void
  delivered(content: string, atMs: number): void
  failed(reason: string): void
  /** Gone without having been stopped. Only nodes in their own process can. */
  ended(reason: string): void
}

/** What all nodes of a demo have in common. */
export interface DemoNodeOptions {
  readonly transport: TransportName
  readonly codec: CodecName
  /** The store has room for all of them: in a demo nothing expires. */
  readonly updates: number
}

export function localNode({ transport, codec, updates }: DemoNodeOptions, listener: DemoListener): DemoNode {
  let service: ReturnType<typeof createNode> | undefined
  return {
    async start(peers) {
      service = createNode({
        transport,
        listen: { host: '127.0.0.1', port: 0 },
        codec,
        peers,
        network: 'demo',
        preset: 'local',
        dissemination: { maxActiveUpdates: updates },
        onUpdate: ({ content }) => listener.delivered(toString(content), nowMs()),
        observe: complaints([], (complaint) => listener.failed(complaint))
      })
      const address = await service.start()
      // Rejects only when the node stops before any peer has answered.
      service.ready().then(() => listener.connected(), () => {})
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
    async stop() {
      await service?.stop()
    }
  }
}

/** `performance.now` starts anew in each process; this clock started with the machine. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
