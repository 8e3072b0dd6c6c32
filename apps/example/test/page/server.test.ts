import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PageController } from '../../src/page/page-controller.ts'
import { servePage, type PageServer } from '../../src/page/server.ts'
import { until } from '../until.ts'
import { watch } from './watch.ts'

const folder = mkdtempSync(join(tmpdir(), 'rumormill-site-'))
const site = pathToFileURL(`${join(folder, 'site')}/`)
const file = join(folder, 'poem.txt')

beforeAll(() => {
  mkdirSync(join(folder, 'site'))
  writeFileSync(join(folder, 'site', 'index.html'), '<title>the page</title>')
  writeFileSync(file, 'roses\nviolets')
})
afterAll(() => rmSync(folder, { recursive: true }))

const closing: (() => Promise<void>)[] = []
const keeping: (() => Promise<void>)[] = []
afterEach(() => closeAll(closing))
afterAll(() => closeAll(keeping))

async function closeAll(things: (() => Promise<void>)[]): Promise<void> {
  for (const close of things.splice(0).toReversed()) await close()
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A page of a group of three that has spread its file. */
async function open(): Promise<{
  controller: PageController
  server: PageServer
  notes: string[]
}> {
  const notes: string[] = []
  const shared = { rate: 1000, processes: false, file, seed: 1, timeout: 60_000 }
  const controller = new PageController({ ...shared, note: (text) => notes.push(text) })
  closing.push(() => controller.close())
  const server = await servePage(controller, { site, port: 0, flexible: false })
  closing.push(() => server.close())
  const listener = {
    connected: () => {},
    submitted: () => {},
    delivered: () => {},
    failed: () => {},
    ended: () => {}
  }
  const plan = [{ origin: 0, content: 'roses' }]
  const options = {
    ...shared,
    nodes: 3,
    transport: 'tcp',
    codec: 'binary',
    preset: 'local'
  } as const
  await controller.present(options, plan, listener).feed(new AbortController().signal)
  return { controller, server, notes }
}

/** `fetch` would not let a test say another host. */
async function ask(
  server: PageServer,
  path: string,
  headers: Record<string, string> = {},
  body?: string
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      server.url + path,
      { method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text })
        )
      }
    )
    asked.on('error', reject).end(body)
  })
}

async function order(server: PageServer, command: unknown): Promise<[number, unknown]> {
  const { status, text } = await ask(
    server,
    '/command',
    { origin: server.url },
    JSON.stringify(command)
  )
  return [status, (JSON.parse(text) as { code?: string }).code ?? 'ok']
}

describe('the server of the page', () => {
  let server: PageServer

  // None of these changes anything.
  beforeAll(async () => {
    ;({ server } = await open())
    keeping.push(...closing.splice(0))
  })
  it('serves the page, which may load nothing from elsewhere', async () => {
    const { status, headers, text } = await ask(server, '/')
    expect([status, text]).toEqual([200, '<title>the page</title>'])
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it.each(['/../poem.txt', '/..%2fpoem.txt', '/%2e%2e/poem.txt', '/nothing'])(
    'serves no other file: %s',
    async (path) => {
      expect((await ask(server, path)).status).toBe(404)
    }
  )

  it.each<[string, Record<string, string>, string?]>([
    ['/', { host: 'evil.example' }],
    ['/', { host: 'evil.example:7866' }],
    ['/events', { 'sec-fetch-site': 'cross-site' }],
    ['/events', { origin: 'http://evil.example' }],
    ['/command', {}, '{"kind":"heal"}'],
    ['/command', { origin: 'http://evil.example' }, '{"kind":"heal"}'],
    ['/command', { origin: 'http://127.0.0.1:1' }, '{"kind":"heal"}'],
    ['/command', { origin: 'null' }, '{"kind":"heal"}']
  ])('turns away what is not its own page: %s %o', async (path, headers, body) => {
    const { status, text } = await ask(server, path, headers, body)
    expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([403, 'FOREIGN'])
  })

  it.each<unknown>([
    null,
    7,
    [],
    {},
    { kind: 'rule' },
    { kind: 'kill' },
    { kind: 'kill', node: -1 },
    { kind: 'kill', node: 0.5 },
    { kind: 'kill', node: '0' },
    { kind: 'submit', node: 0, text: ' ' },
    { kind: 'submit', node: 0, text: 'a'.repeat(501) },
    { kind: 'partition', nodes: [] },
    { kind: 'partition', nodes: ['0'] },
    { kind: 'partition', nodes: 0 },
    { kind: 'run', nodes: 1, transport: 'tcp', codec: 'binary', preset: 'local' },
    { kind: 'run', nodes: 201, transport: 'tcp', codec: 'binary', preset: 'local' },
    { kind: 'run', nodes: 8, transport: '__proto__', codec: 'binary', preset: 'local' },
    { kind: 'run', nodes: 8, transport: 'tcp', codec: 'xml', preset: 'local' }
  ])('refuses what is no command: %o', async (command) => {
    expect(await order(server, command)).toEqual([400, 'BAD_COMMAND'])
  })

  it('reads no more than a command can be', async () => {
    expect(await order(server, { kind: 'submit', node: 0, text: 'a'.repeat(10_000) })).toEqual([
      413,
      'TOO_LARGE'
    ])
    expect((await ask(server, '/command', { origin: server.url }, '{')).status).toBe(400)
  })
})

describe('what the page may do', () => {
  it('does what it is asked, and tells how it went', async () => {
    const { server } = await open()
    const { states } = await watch(server.url)
    expect(await order(server, { kind: 'kill', node: 2 })).toEqual([200, 'ok'])
    await until('the page is told', () => states.at(-1)?.nodes[2]?.status === 'down')
    expect(states.at(-1)).toMatchObject({
      run: 1,
      feeding: false,
      settings: { nodes: 3, transport: 'tcp' },
      side: []
    })
    await until('it has left', () =>
      states
        .at(-1)!
        .nodes.slice(0, 2)
        .every(({ view }) => view.every(([node]) => node !== 2))
    )
    expect(await order(server, { kind: 'kill', node: 2 })).toEqual([409, 'NOT_NOW'])
    expect(await order(server, { kind: 'submit', node: 2, text: 'hello' })).toEqual([
      409,
      'NOT_NOW'
    ])
    expect(await order(server, { kind: 'restart', node: 0 })).toEqual([409, 'NOT_NOW'])
    expect(await order(server, { kind: 'kill', node: 3 })).toEqual([409, 'NOT_NOW'])
    expect(await order(server, { kind: 'partition', nodes: [0, 1, 2] })).toEqual([409, 'NOT_NOW'])
    expect(await order(server, { kind: 'restart', node: 2 })).toEqual([200, 'ok'])
    expect(await order(server, { kind: 'partition', nodes: [0] })).toEqual([200, 'ok'])
    await until(
      'the page is told of both',
      () => states.at(-1)!.side.join() === '0' && states.at(-1)!.nodes[2]!.life === 1
    )
  })

  it('starts a new run in the place of the old', async () => {
    const { server, notes } = await open()
    const { states } = await watch(server.url)
    const settings = { nodes: 4, transport: 'libp2p', codec: 'json', preset: 'lan' }
    expect(await order(server, { kind: 'run', ...settings })).toEqual([200, 'ok'])
    await until('the file is spread', () => states.at(-1)?.run === 2 && !states.at(-1)!.feeding)
    const { progress, nodes, ...rest } = states.at(-1)!
    expect(rest).toMatchObject({ settings })
    expect(progress).toMatchObject({ delivered: 6, expected: 6, lost: 0, duplicates: 0 })
    expect(nodes).toHaveLength(4)
    expect(nodes[0]!.address).toMatch(/^\/ip4/)
    expect(notes).toEqual([])
  })

  it('holds no more pages than it may, and lets go of those that close', async () => {
    const { controller, server } = await open()
    const pages = await Promise.all(Array.from({ length: 16 }, () => watch(server.url)))
    expect((await ask(server, '/events')).status).toBe(503)
    for (const page of pages) page.leave()
    await until('all have left', () => controller.audience.size === 0)
    const { states } = await watch(server.url)
    await until('there is room again', () => states.length > 0)
  })

  it('takes another port only when it may', async () => {
    const { controller, server } = await open()
    const port = Number(new URL(server.url).port)
    await expect(servePage(controller, { site, port, flexible: false })).rejects.toMatchObject({
      code: 'EADDRINUSE'
    })
    const other = await servePage(controller, { site, port, flexible: true })
    closing.push(() => other.close())
    expect(other.url).not.toBe(server.url)
  })
})
