/** What a page loads of the installed packages: how much it is, and that it works in Chromium. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { check, skip } from './checks.mjs'
import { run } from './project.mjs'

/**
 * What a page loads for each, with all that it depends on: minified, gzipped, in bytes. The description of messages counts in
 * each, though a page with several loads it once.
 */
const SIZES = { protocol: 58_000, 'codec-binary': 4700, 'codec-json': 9000 }
const CHROMIUM = '/usr/bin/chromium'

/** The core and a codec in a page: two nodes there, over a transport of ten lines. */
const PROGRAM = `
import { createGossip, staticPeers } from '@rumormill/protocol'
import { binaryCodec } from '@rumormill/codec-binary'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { spread } from './spread.js'
const receivers = new Map()
const transport = () => {
  const address = 'node ' + receivers.size
  return {
    maxMessageBytes: 1e6,
    start: async (receiver) => (receivers.set(address, receiver), address),
    send: async (to, bytes) => queueMicrotask(() => receivers.get(to)?.receive(address, bytes)),
    watch: () => {},
    stop: async () => void receivers.delete(address)
  }
}
try {
  if (typeof libp2pTransport !== 'function') throw new Error('no libp2pTransport')
  await spread(createGossip, staticPeers, binaryCodec(), transport)
  document.title = 'spread'
} catch (error) {
  document.title = String(error)
}
`

/** Needs `spread.js`, which `inRuntimes` writes. */
export async function inPage(folder) {
  for (const [name, limit] of Object.entries(SIZES))
    await check(`the size of ${name}`, () => weighed(folder, name, limit))
  if (!existsSync(CHROMIUM)) return skip('a page in Chromium', 'there is none')
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="/page.js"></script>'
  )
  writeFileSync(join(folder, 'page.js'), PROGRAM)
  const vite = join('node_modules', 'vite', 'bin', 'vite.js')
  await check('a page, bundled by Vite', () =>
    run(folder, [process.execPath, vite, 'build', '--target', 'es2022', '--logLevel', 'error'])
  )
  await check('a page in Chromium', () => inChromium(folder))
}

/** All that a page loads which uses all of a package. */
async function weighed(folder, name, limit) {
  const { build } = await import('vite')
  writeFileSync(join(folder, 'weighed.js'), `export * from '@rumormill/${name}'`)
  const lib = { entry: 'weighed.js', formats: ['es'] }
  const [{ output }] = await build({
    root: folder,
    logLevel: 'error',
    build: { lib, write: false, minify: true, target: 'es2022' }
  })
  const bytes = output.reduce(
    (sum, { code }) => sum + (code === undefined ? 0 : gzipSync(code).length),
    0
  )
  console.log(`        ${name}: ${bytes} bytes of at most ${limit}`)
  if (bytes > limit) throw new Error(`${bytes} bytes, more than ${limit}: see SIZES`)
}

async function inChromium(folder) {
  const { chromium } = await import('playwright-core')
  const { preview } = await import('vite')
  const server = await preview({
    root: folder,
    logLevel: 'silent',
    preview: { host: '127.0.0.1', port: 0 }
  })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    await page.goto(server.resolvedUrls.local[0])
    await page.waitForFunction(() => document.title !== '', undefined, { timeout: 20_000 })
    if ((await page.title()) !== 'spread') throw new Error(await page.title())
  } finally {
    await browser.close()
    await server.close()
  }
}
