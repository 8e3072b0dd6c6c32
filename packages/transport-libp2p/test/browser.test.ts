/** A page in headless Chromium joins a group of Node.js nodes. Skipped without Chromium. */

import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import {
  createGossip,
  staticPeers,
  type Codec,
  type GossipService,
  type Transport
} from '@rumormill/protocol'
import { createLibp2p } from 'libp2p'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { afterAll, describe, expect, test } from 'vitest'
import { libp2pTransport } from '../src/index.ts'
import { standaloneTransport } from '../src/node/index.ts'
import { until } from './nodes.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
const PAGE = fileURLToPath(new URL('./page/main.ts', import.meta.url))
const PACKAGES = fileURLToPath(new URL('../..', import.meta.url))

const codecs: Readonly<Record<string, () => Codec>> = { binary: binaryCodec, json: jsonCodec }
const closing: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})

/** Serves the page's program, bundled from the sources. */
async function servePage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: {
      alias: [{ find: /^@rumormill\/([a-z0-9-]+)$/, replacement: `${PACKAGES}/$1/src/index.ts` }]
    },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: PAGE, formats: ['es'], fileName: 'page' }
    },
    define: { 'process.env.NODE_ENV': '"production"' }
  })
  const [output] = Array.isArray(result) ? result : [result]
  const [{ code }] = (output as unknown as { output: [{ code: string }] }).output
  const server = createServer((request, response) => {
    const script = request.url === '/page.js'
    response.writeHead(200, { 'content-type': script ? 'text/javascript' : 'text/html' })
    response.end(
      script
        ? code
        : '<!doctype html><title>rumormill</title><script type="module" src="/page.js"></script>'
    )
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

interface Member {
  readonly gossip: GossipService
  readonly address: string
  readonly received: string[]
}

async function startMember(
  transport: Transport,
  codec: Codec,
  peers: readonly string[]
): Promise<Member> {
  const received: string[] = []
  const gossip = createGossip({
    transport,
    codec,
    peerSource: staticPeers(peers),
    handler: { onUpdate: ({ content }) => void received.push(new TextDecoder().decode(content)) },
    preset: 'local'
  })
  closing.push(() => gossip.stop())
  return { gossip, received, address: await gossip.start() }
}

describe.skipIf(CHROMIUM === undefined)('a page in a browser', () => {
  test.each(['binary', 'json'])(
    'joins a group, submits and receives, with codec %s',
    async (name) => {
      const codec = codecs[name]!
      const node = await createLibp2p({
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
        transports: [tcp(), webSockets()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()]
      })
      closing.push(async () => node.stop())
      const gate = await startMember(libp2pTransport({ node }), codec(), [])
      const others = [
        await startMember(standaloneTransport(), codec(), [gate.address]),
        await startMember(standaloneTransport(), codec(), [gate.address])
      ]
      const peer = node
        .getMultiaddrs()
        .map(String)
        .find((address) => address.includes('/ws/'))!
      const browser = await chromium.launch({
        executablePath: CHROMIUM!,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync'
        ]
      })
      closing.push(() => browser.close())
      const page = await browser.newPage()
      page.setDefaultTimeout(60_000)
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(String(error)))
      await page.goto(`${await servePage()}?codec=${name}&peer=${encodeURIComponent(peer)}`)
      await page.waitForFunction('globalThis.submit !== undefined').catch((error: Error) => {
        throw new Error([error.message, ...errors].join('\n'))
      })
      others[0]!.gossip.submit(new TextEncoder().encode('from a node'))
      await page.waitForFunction('received.includes("from a node")')
      await page.evaluate('submit("from a page")')
      await until('the word of the page', () =>
        [gate, ...others].every(({ received }) => received.includes('from a page'))
      )
      expect(await page.evaluate('received')).toEqual(['from a node'])
      expect(await page.evaluate('address')).toMatch(/^\/p2p\/12D3/)
      expect(errors).toEqual([])
      await browser.close()
    }
  )
})
