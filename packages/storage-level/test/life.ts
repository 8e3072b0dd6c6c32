/**
 * One life of a node in a process of its own, to be cut short: it submits durable updates as fast as it can, and takes
 * those of a second node, which begins anew each time and so offers again what it offered in earlier lives.
 *
 * Arguments: the folder; the number of the life; `early` to acknowledge before the write. Tells, a line each, what it
 * has loaded (`loaded TEXT HANDLED`, then `loaded-all .`), was promised (`acked TEXT`), and was given (`delivered TEXT`); and what failed.
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
// At once: what was told must not wait in a buffer when the process is killed.
const tell = (line: string): void => void writeSync(1, `${line}\n`)

const storage = levelStorage({ location: location! })

let late = Promise.resolve()
const telling: Storage = {
  load: async () => {
    const state = await storage.load()
    for (const { content, handled } of state.updates) tell(`loaded ${textOf(content)} ${handled}`)
    tell('loaded-all .')
    if (state.damaged > 0) tell(`damaged ${state.damaged}`)
    return state
  },
  write: async (changes) => {
    if (mode !== 'early') return storage.write(changes)
    late = late.then(() => setTimeout(EARLY_MS)).then(() => storage.write(changes))
  },
  close: () => storage.close()
}

const network = memoryNetwork({ delayMs: 1 })
// All lives together fill a store of the usual size where each of them takes long, as on a busy machine.
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
  handler: { onUpdate: ({ content }) => tell(`delivered ${textOf(content)}`) },
  storage: telling,
  storageOptions: { retryMs: 20 },
  observe: (event) => {
    if (event.kind === 'failed') tell(`failed ${event.error.code}`)
  }
})

await other.start()
await node.start()
for (let number = 0; ; number++) {
  other.submit(bytes(`other-${number}`))
  const text = `own-${life}-${number}`
  node.submit(bytes(text), { durable: true }).then(
    () => tell(`acked ${text}`),
    () => tell(`refused ${text}`)
  )
  // Now and then a moment for all else; in between as fast as it goes.
  if (number % 5 === 0) await setTimeout(2)
}
