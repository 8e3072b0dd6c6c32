/** docs/limits.md says what the code says, each of its tests exists and is about that limit, and each counter is one. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gossipCrate } from '@rumormill/compat-gossip-crate'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { tcpTransport } from '@rumormill/transport-tcp'
import { describe, expect, it } from 'vitest'
import { CRATE_LIMITS, crateDefaults } from './limits/crate.ts'
import { LIBP2P_LIMITS, libp2pDefaults } from './limits/libp2p.ts'
import { unlisted, type Limit } from './limits/limit.ts'
import { codecDefaults, MESSAGE_LIMITS } from './limits/message.ts'
import { NODE_LIMITS, nodeDefaults } from './limits/node.ts'
import { ALL_LIMITS, ALL_OPEN, limitsPage } from './limits/page.ts'
import { TCP_LIMITS, tcpDefaults } from './limits/tcp.ts'
import { nodeStats } from './node-stats.ts'
import { read, root } from './pages.ts'
import { testsOf } from './test-titles.ts'

/** Returns a table without the padding that a formatter adds to its cells. */
const bare = (text: string): string => text.replaceAll(/ *\| */g, '|').replaceAll(/-{3,}/g, '---')

it('docs/limits.md is what the code says; LIMITS=write writes it', () => {
  if (process.env['LIMITS'] === 'write') writeFileSync(join(root, 'docs/limits.md'), limitsPage())
  expect(bare(read('docs/limits.md'))).toBe(bare(limitsPage()))
})

describe('every counter is one', () => {
  it('of a node, also for messages', async () => {
    expect(strangers([...NODE_LIMITS, ...MESSAGE_LIMITS], await nodeStats())).toEqual([])
  })

  it('of a transport', () => {
    const libp2p = libp2pTransport({ node: { handle: () => {} } as never })
    expect(strangers(TCP_LIMITS, tcpTransport().stats())).toEqual([])
    expect(strangers(LIBP2P_LIMITS, libp2p.stats())).toEqual([])
    expect(strangers(CRATE_LIMITS, gossipCrate().transport.stats())).toEqual([])
  })
})

it('every refusal of TCP stands on the page', () => {
  const page = read('docs/limits.md')
  const refusals = Object.keys(tcpTransport().stats().refused)
  expect(refusals.filter((name) => !page.includes(name))).toEqual([])
})

describe('every limit is listed', () => {
  const named = (group: string, options: object): string[] =>
    Object.keys(options).map((option) => `${group}.${option}`)
  // A pause lengthens by itself; it is nothing that a peer can make grow.
  const isLimit = (option: string): boolean => !option.endsWith('BackOffMs')

  it('of a node: whatever is called max', () => {
    const groups = [
      'membership',
      'store',
      'fetch',
      'antiEntropy',
      'delivery',
      'sending',
      'validation',
      'reputation'
    ]
    const most = groups
      .flatMap((group) => named(group, nodeDefaults[group as 'membership']))
      .filter((option) => option.includes('.max'))
    const own = [
      // How often one peer may fail, and the sizes of messages that this node itself makes.
      'membership.maxFailedSends',
      'fetch.maxBatchBytes',
      'antiEntropy.maxDigestsPerMessage'
    ]
    expect(unlisted(most, NODE_LIMITS, [])).toEqual(own)
  })

  it('of codecs and transports', () => {
    const all = ({ limits, deadlines }: { limits: object; deadlines: object }): string[] =>
      [...named('limits', limits), ...named('deadlines', deadlines)].filter(isLimit)
    expect(unlisted(Object.keys(codecDefaults), MESSAGE_LIMITS, [])).toEqual([])
    expect(unlisted(all(tcpDefaults), TCP_LIMITS, [])).toEqual([])
    expect(unlisted(all(libp2pDefaults), LIBP2P_LIMITS, [])).toEqual([])
    expect(unlisted(Object.keys(crateDefaults), CRATE_LIMITS, [])).toEqual([])
  })
})

it.each(ALL_LIMITS)('$option is reached by: $title', ({ option, file, title, seenBy }) => {
  const tests = testsOf(file)
  expect([...tests.keys()]).toContain(title)
  expect(tests.get(title)).toContain(seenBy ?? option.split('.').at(-1))
})

it('what is open is kept in a source that exists', () => {
  expect(ALL_OPEN.filter(({ file }) => !existsSync(join(root, file)))).toEqual([])
})

/** Counters of the rows that `stats` does not have. */
function strangers(rows: readonly Limit[], stats: object): string[] {
  const names = Object.entries(stats).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? Object.keys(value).map((key) => `${name}[${key}]`)
      : [name]
  )
  return rows
    .flatMap(({ counter }) => (counter === '' ? [] : counter.split(', ')))
    .filter((counter) => !names.includes(counter))
}
