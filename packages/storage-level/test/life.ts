/**
 * Runs a node in its own process, which the test kills. The node submits durable updates as fast as it can, and receives those
 * of a second node, which starts empty each time and so offers the same updates again.
 *
 * Arguments: the folder; the number of the run; `early` to acknowledge before the write. Prints lines for what it has loaded
 * (`loaded TEXT HANDLED`, then `loaded-all .`), for acknowledged (`acked TEXT`) and for received updates (`delivered TEXT`), and
 * for failures.
 */

import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type Storage } from '@rumormill/protocol'
import { memoryNetwork } from '@rumormill/testkit'
import { levelStorage } from '../src/index.ts'

const [location, life, mode] = process.argv.slice(2)
const EARLY_MS = 40
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (content: Uint8Array): string => new TextDecoder().decode(content)
// Synchronous, so that no output waits in a buffer when the process is killed.
const print = (line: string): void => void writeSync(1, `${line}\n`)

const storage = levelStorage({ location: location! })

let late = Promise.resolve()
const printing: Storage = {
  load: async () => {
    const state = await storage.load()
    for (const { content, handled } of state.updates) print(`loaded ${textOf(content)} ${handled}`)
    print('loaded-all .')
    if (state.damaged > 0) print(`damaged ${state.damaged}`)
    return state
  },
  write: async (changes) => {
    if (mode !== 'early') return storage.write(changes)
    late = late.then(() => setTimeout(EARLY_MS)).then(() => storage.write(changes))
  },
  close: () => storage.close()
}

const network = memoryNetwork({ delayMs: 1 })
// Large enough for all runs together, also on a busy machine where each takes long.
const common = {
  codec: binaryCodec(),
  preset: 'local' as const,
  store: { maxUpdates: 1_000_000 }
}
const other = createGossip({
  ...common,
  transport: network.transport('other'),
  peerSource: staticPeers([]),
  handler: { onUpdate: () => {} }
})
const node = createGossip({
  ...common,
  transport: network.transport('node'),
  peerSource: staticPeers(['other']),
  handler: { onUpdate: ({ content }) => print(`delivered ${textOf(content)}`) },
  storage: printing,
  storageOptions: { retryMs: 20 },
  observe: (event) => {
    if (event.kind === 'failed') print(`failed ${event.error.code}`)
  }
})

await other.start()
await node.start()
for (let number = 0; ; number++) {
  other.submit(bytes(`other-${number}`))
  const text = `own-${life}-${number}`
  node.submit(bytes(text), { durable: true }).then(
    () => print(`acked ${text}`),
    () => print(`refused ${text}`)
  )
  // A pause at intervals for the other work of the process.
  if (number % 5 === 0) await setTimeout(2)
}
