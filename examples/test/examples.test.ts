/** What holds for every example: small, started as its first lines say, and named where people look. */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Program } from './program.ts'

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const linesOf = (text: string): number => text.trimEnd().split('\n').length
const names = readdirSync(new URL('../src', import.meta.url))
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => name !== 'main')

it('are five', () => {
  expect(names).toEqual([
    'cache-invalidation',
    'chat-libp2p',
    'dns-peers',
    'replicated-set',
    'udp-transport'
  ])
})

describe.each(names)('%s', (name) => {
  const text = read(`examples/src/${name}.ts`)

  it('has less than 160 lines, of which the first ones say how to run it', () => {
    expect(linesOf(text)).toBeLessThan(160)
    const [head] = text.split('*/')
    expect(head).toMatch(/^\/\*\*\n/)
    expect(head).toContain(`\n *   npm run example -- ${name}`)
  })

  it('is named in the README', () => {
    expect(read('README.md')).toContain(`](examples/src/${name}.ts)`)
  })
})

it('has a transport in under 110 lines', () => {
  const [transport] = /^\/\/ A datagram: [^]*?(?=^async function main)/m.exec(
    read('examples/src/udp-transport.ts')
  )!
  expect(transport).toContain('export function udpTransport')
  expect(linesOf(transport)).toBeLessThan(110)
})

it('are listed when none of them is named', async () => {
  const { code, lines } = await new Program(['chat']).outcome()
  expect([code, ...lines]).toEqual([
    2,
    `npm run example -- NAME [ARGUMENT ...], where NAME is one of: ${names.join(', ')}`
  ])
})

it('are listed by --help', async () => {
  const { code, lines } = await new Program(['--help']).outcome()
  expect([code, lines.length]).toEqual([0, 1])
})
