/**
 * An encrypted chat of a closed group. Start one, and others with the address that it prints, each in a terminal:
 *
 *   npm run example -- chat-libp2p ann
 *   npm run example -- chat-libp2p ben /ip4/127.0.0.1/tcp/40000/p2p/12D3KooW...
 *
 * What you type goes to all; Ctrl-C or the end of the input leaves. Who joins gets the lines of the last ten minutes.
 *
 * - Encrypted: by libp2p, with Noise over TCP. An address ends in an id, and only who has its key can answer there.
 * - Identity: the key is kept in `ann.key`, so that ann has the same id at each start.
 * - Closed: who lacks `group.psk` cannot even connect. The first start makes it; hand it over where nobody listens in.
 *
 * For friends on other machines, say where to listen: `LISTEN=/ip4/192.168.1.5/tcp/9000 npm run example -- ...`.
 * The name before a line is what its writer claims: where members may lie, sign the lines.
 */

import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { generatePsk, standaloneTransport } from '@rumormill/transport-libp2p/node'

const KEPT_MS = 10 * 60 * 1000

async function main(name?: string, ...peers: readonly string[]): Promise<void> {
  if (name === undefined) throw new Error('npm run example -- chat-libp2p NAME [ADDRESS ...]')
  const [told, leaving] = [new Set<string>(), new AbortController()]
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => leaving.abort())
  const gossip = createGossip({
    network: 'chat',
    transport: standaloneTransport({
      listen: [process.env['LISTEN'] ?? '/ip4/127.0.0.1/tcp/0'],
      keyFile: `${name}.key`,
      psk: await groupKey('group.psk')
    }),
    codec: binaryCodec(),
    peerSource: staticPeers(peers),
    store: { expiration: { mode: 'duration', ms: KEPT_MS } },
    handler: { onUpdate: ({ content }) => console.log(show(content)) },
    observe: (event) => {
      // Who cannot be reached is tried again and again: each kind of failure is told once.
      if (event.kind !== 'failed' || told.has(event.error.code)) return
      told.add(event.error.code)
      console.error(`! ${event.error.message}`)
    }
  })
  console.log(`you are ${name} at ${await gossip.start()}`)
  // It rejects only when we leave before anybody came.
  gossip.ready().then(
    () => console.log('* connected'),
    () => {}
  )
  for await (const text of createInterface({ input: process.stdin, signal: leaving.signal })) {
    try {
      // The id makes each line other bytes: equal bytes are one update, and people say the same thing twice.
      gossip.submit(new TextEncoder().encode(JSON.stringify({ id: randomUUID(), name, text })))
    } catch (error) {
      console.error(`! not sent: ${(error as Error).message}`)
    }
  }
  await gossip.stop()
}

/** What others send must not steer our terminal. */
function show(content: Uint8Array): string {
  const { name, text } = JSON.parse(new TextDecoder().decode(content)) as {
    name: unknown
    text: unknown
  }
  return `<${String(name)}> ${String(text)}`.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\u{FFFD}')
}

/** The key in `file`; a new one when there is no such file yet. */
async function groupKey(file: string): Promise<Uint8Array> {
  await writeFile(file, generatePsk(), { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    }
  )
  return readFile(file)
}

main(...process.argv.slice(2)).catch((error: Error) => {
  console.error(`! ${error.message}`)
  process.exitCode = 1
})
