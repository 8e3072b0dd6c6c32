/**
 * Caches in front of a slow store: whoever writes tells all nodes to forget what they have read. Three nodes in one
 * process show it, over TCP:
 *
 *   npm run example -- cache-invalidation
 *
 * With all nodes connected, an old value is read for as long as a message takes. Entries live for MAX_AGE_MS, and so do
 * invalidations: a node that was cut off for less catches up with them, one that was for longer has nothing left to
 * forget. So nobody reads a value more than MAX_AGE_MS after it was overwritten, unless its machine slept meanwhile.
 */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'

const [MAX_AGE_MS, MAX_ENTRIES, ID_BYTES] = [60_000, 10_000, 36]

/** What all nodes share: a database, say. */
export interface Store {
  read(key: string): Promise<string | undefined>
  write(key: string, value: string): Promise<void>
}

export class CachedStore implements Store {
  readonly gossip: GossipService
  readonly #store: Store
  readonly #entries = new Map<
    string,
    { readonly value: Promise<string | undefined>; readonly askedAtMs: number }
  >()

  constructor(store: Store, peers: readonly string[]) {
    this.#store = store
    this.gossip = createGossip({
      transport: tcpTransport(),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      store: { expiration: { mode: 'duration', ms: MAX_AGE_MS } },
      handler: {
        onUpdate: ({ content }) =>
          void this.#entries.delete(Buffer.from(content).toString('utf8', ID_BYTES))
      },
      observe: (event) => {
        if (event.kind === 'failed') console.error(`! ${event.error.message}`)
      }
    })
  }

  read(key: string): Promise<string | undefined> {
    const known = this.#entries.get(key)
    if (known !== undefined && performance.now() - known.askedAtMs < MAX_AGE_MS) return known.value
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear()
    // The promise is kept, not what it brings: an invalidation makes us forget an answer under way, too.
    const entry = { value: this.#store.read(key), askedAtMs: performance.now() }
    this.#entries.set(key, entry)
    entry.value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
    })
    return entry.value
  }

  /** When it rejects, others may read the old value for MAX_AGE_MS. STORE_FULL: too many writes in that time. */
  async write(key: string, value: string): Promise<void> {
    await this.#store.write(key, value).finally(() => {
      // Also when that failed: the store may have taken it.
      this.#entries.delete(key)
      // An update *is* its content: without the id, telling of the same key once more would reach nobody.
      this.gossip.submit(Buffer.from(randomUUID() + key))
    })
  }
}

async function main(): Promise<void> {
  const [nodes, stopping, data] = [
    [] as CachedStore[],
    new AbortController(),
    new Map([['price', '9']])
  ]
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort())
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopping.signal })
  const store: Store = {
    read: (key) => pause(50).then(() => data.get(key)),
    write: (key, value) => pause(50).then(() => void data.set(key, value))
  }
  try {
    for (let count = 0; count < 3; count++) {
      const node = new CachedStore(
        store,
        nodes.map(({ gossip }) => gossip.address)
      )
      console.log(
        `node ${nodes.push(node)} listens on ${await node.gossip.start()}, reads ${await node.read('price')}`
      )
    }
    for (const [writer, value] of ['10', '12', '10'].entries()) {
      await nodes[writer]!.write('price', value)
      console.log(`node ${writer + 1} has written ${value}`)
      const startMs = performance.now()
      await Promise.all(
        nodes.map(async (node, index) => {
          let stale = 0
          for (; (await node.read('price')) !== value; stale++) await pause(1)
          const ms = Math.round(performance.now() - startMs)
          console.log(
            `node ${index + 1} reads ${value} after ${ms} ms; old values read before: ${stale}`
          )
        })
      )
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  } finally {
    await Promise.all(nodes.map(({ gossip }) => gossip.stop()))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
