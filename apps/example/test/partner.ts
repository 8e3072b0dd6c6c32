/** The other end of a command: a node within the test, which starts sooner than a process of its own. */

import type { GossipService, Update } from '@rumormill/protocol'
import { onTestFinished } from 'vitest'
import { decodeLine, encodeLine } from '../src/chat/chat-line.ts'
import { createNode, type NodeOptions } from '../src/node.ts'
import { loadTransport } from '../src/plugins.ts'
import { until } from './until.ts'

export class Partner {
  readonly address: string
  /** As a chat prints them, in the order of arrival. */
  readonly heard: readonly string[]
  readonly #service: GossipService

  private constructor(service: GossipService, heard: readonly string[]) {
    this.#service = service
    this.address = service.address
    this.heard = heard
  }

  /** Starts a node like that of a chat; it is stopped at the end of the test. */
  static async start(options: Partial<NodeOptions> = {}): Promise<Partner> {
    const heard: string[] = []
    await loadTransport(options.transport ?? 'tcp')
    const service = createNode({
      transport: 'tcp',
      listen: { host: '127.0.0.1', port: 0 },
      codec: 'binary',
      network: 'default',
      peers: [],
      // What was said is still there on the busiest machine.
      store: { expiration: { mode: 'duration', ms: 600_000 } },
      peerFinding: { intervalMs: 2000 },
      ...options,
      onUpdate: (update) => void heard.push(shown(update))
    })
    onTestFinished(() => service.stop())
    await service.start()
    return new Partner(service, heard)
  }

  says(text: string): void {
    this.#service.submit(encodeLine({ author: this.address, text }))
  }

  async hears(...lines: readonly string[]): Promise<void> {
    await until(`hears ${lines.join(', ')}`, () => lines.every((line) => this.heard.includes(line)))
  }

  stop(): Promise<void> {
    return this.#service.stop()
  }
}

function shown({ digest, content }: Update): string {
  const line = decodeLine(content)
  return line === undefined
    ? `* update ${digest}, ${content.length} bytes, not a line`
    : `<${line.author}> ${line.text}`
}
