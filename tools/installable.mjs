/**
 * `npm run installable`: packs every package that is published, installs the tarballs into an empty project, and uses them
 * there: run by Node, Bun and Deno, typed by two TypeScripts in two ways, bundled and weighed by Vite, and run in Chromium. The
 * last line has the totals.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { npm, publishedPackages } from './tool.mjs'

/** The oldest TypeScript that is meant to work, and the newest. */
const TYPESCRIPTS = ['5.6', '7.0.2']
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'esnext' }
/** Other runtimes, as npm packages, and how each runs a program. Skipped where they cannot be had. */
const RUNTIMES = {
  'node@24': ['node'],
  bun: ['bun', 'run'],
  deno: ['deno', 'run', '--allow-all', '--node-modules-dir=manual', '--quiet']
}
/** What a page loads for each, with all that it depends on: minified, gzipped, in bytes. */
const SIZES = { protocol: 47_000, 'codec-binary': 4200, 'codec-json': 9000 }
const CHROMIUM = '/usr/bin/chromium'

/** Two nodes that tell each other something, for any transport that listens by itself. */
const SPREAD = `
export async function spread(createGossip, staticPeers, codec, transport) {
  const heard = []
  const node = (peers) => createGossip({
    transport: transport(), codec, peers: staticPeers(peers), preset: 'local',
    handler: { onUpdate: ({ content }) => void heard.push(new TextDecoder().decode(content)) }
  })
  const one = node([])
  const other = node([await one.start()])
  await other.start()
  other.submit(new TextEncoder().encode('hello'))
  for (let tries = 0; heard.length === 0 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 20))
  await Promise.all([one.stop(), other.stop()])
  if (heard.join() !== 'hello') throw new Error('the update did not arrive')
}
`

const counts = { passed: 0, failed: 0, skipped: 0 }
const folder = mkdtempSync(join(tmpdir(), 'rumormill-installed-'))
try {
  await main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed === 0 ? 0 : 1

async function main() {
  const packages = publishedPackages()
  const modules = packages.flatMap(({ name, exports }) =>
    Object.keys(exports).map((path) => name + path.slice(1))
  )
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  await check('pack', () =>
    run(
      npm(
        'pack',
        '--ignore-scripts',
        '--pack-destination',
        tarballs,
        ...packages.map((each) => each.folder)
      )
    )
  )
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'installed', private: true, type: 'module' })
  )
  const paths = readdirSync(tarballs).map((name) => join(tarballs, name))
  const peers = [
    'prom-client',
    '@opentelemetry/api',
    '@types/node@20',
    'vite',
    ...TYPESCRIPTS.map((version) => `ts-${version}@npm:typescript@${version}`)
  ]
  await check('install', () =>
    run(
      npm(
        'install',
        '--no-audit',
        '--no-fund',
        '--prefer-offline',
        '--loglevel=error',
        ...paths,
        ...peers
      )
    )
  )
  if (counts.failed > 0) return
  writeFileSync(join(folder, 'spread.js'), SPREAD)
  for (const module of modules)
    await check(`import ${module}`, () => node(`import ${JSON.stringify(module)}`))
  for (const codec of ['binary', 'json']) {
    for (const [name, make] of [
      ['tcp', 'tcpTransport'],
      ['libp2p/node', 'standaloneTransport']
    ]) {
      await check(`an update over ${name}, ${codec}`, () => node(spreading(codec, name, make)))
    }
  }
  for (const [runtime, command] of Object.entries(RUNTIMES)) await inRuntime(runtime, command)
  for (const version of TYPESCRIPTS) {
    for (const [resolution, kind] of Object.entries(RESOLUTIONS))
      await check(`types, TypeScript ${version}, ${resolution}`, () =>
        typed(modules, version, resolution, kind)
      )
  }
  for (const [name, limit] of Object.entries(SIZES))
    await check(`the size of ${name}`, () => weighed(name, limit))
  await inBrowser()
}

/** All that a page loads which uses all of a package. */
async function weighed(name, limit) {
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

function spreading(codec, transport, make) {
  return `
    import { createGossip, staticPeers } from '@rumormill/protocol'
    import { ${codec}Codec } from '@rumormill/codec-${codec}'
    import { ${make} } from '@rumormill/transport-${transport}'
    import { spread } from './spread.js'
    await spread(createGossip, staticPeers, ${codec}Codec(), ${make})
    process.exit(0)`
}

async function inRuntime(runtime, [program, ...args]) {
  const home = join(folder, 'runtimes', program)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{}')
  try {
    await run(
      npm('install', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', home, runtime)
    )
  } catch {
    return skip(runtime, 'npm has no such package here')
  }
  writeFileSync(join(folder, 'program.mjs'), spreading('binary', 'tcp', 'tcpTransport'))
  await check(`an update over tcp in ${runtime}`, () =>
    run([join(home, 'node_modules', '.bin', program), ...args, 'program.mjs'])
  )
}

async function typed(modules, version, resolution, kind) {
  const used = modules.map((module, index) => `import * as m${index} from '${module}'`)
  const all = `export const all: object[] = [${modules.map((_module, index) => `m${index}`).join(', ')}]`
  const program = `
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
export const gossip: GossipService = createGossip({
  transport: tcpTransport({ port: 9000 }), codec: binaryCodec(), peers: staticPeers(['127.0.0.1:9001']),
  handler: { onUpdate: ({ digest, content }) => console.log(digest.length, content.byteLength) }
})
`
  writeFileSync(join(folder, 'program.ts'), [...used, all, program].join('\n'))
  const compilerOptions = {
    module: kind,
    moduleResolution: resolution,
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable', 'dom'],
    types: ['node'],
    strict: true,
    noEmit: true,
    // libp2p's own declarations do not pass without it.
    skipLibCheck: true
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] })
  )
  await run([process.execPath, join('node_modules', `ts-${version}`, 'lib', 'tsc.js'), '-p', '.'])
}

/** The core and the codecs in a page: two nodes there, over a transport of ten lines. */
async function inBrowser() {
  if (!existsSync(CHROMIUM)) return skip('a page in Chromium', 'there is none')
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><script type="module" src="/page.js"></script>'
  )
  writeFileSync(
    join(folder, 'page.js'),
    `
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
  )
  await check('a page, bundled by Vite', () =>
    run([
      process.execPath,
      join('node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--target',
      'es2022',
      '--logLevel',
      'error'
    ])
  )
  await check('a page in Chromium', async () => {
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
  })
}

async function check(name, work) {
  try {
    await work()
    counts.passed++
    console.log(`ok      ${name}`)
  } catch (error) {
    counts.failed++
    console.log(`FAILED  ${name}\n${error.stdout ?? ''}${error.stderr ?? error.stack}`)
  }
}

function skip(name, why) {
  counts.skipped++
  console.log(`skipped ${name}: ${why}`)
}

function node(program) {
  writeFileSync(join(folder, 'program.mjs'), program)
  return run([process.execPath, 'program.mjs'])
}

function run([file, ...args]) {
  return promisify(execFile)(file, args, { cwd: folder, timeout: 180_000 })
}
