/** docs/limits.md as it must stand. */

import { CRATE_LIMITS } from './crate.ts'
import { LIBP2P_LIMITS } from './libp2p.ts'
import type { Limit, OpenLimit } from './limit.ts'
import { MESSAGE_LIMITS } from './message.ts'
import { NODE_LIMITS } from './node.ts'
import { OPEN_NODE } from './open.ts'
import { TCP_LIMITS } from './tcp.ts'
import { UNSETTABLE_LIMITS } from './unsettable.ts'

export const ALL_LIMITS: readonly Limit[] = [
  ...NODE_LIMITS,
  ...UNSETTABLE_LIMITS,
  ...MESSAGE_LIMITS,
  ...TCP_LIMITS,
  ...LIBP2P_LIMITS,
  ...CRATE_LIMITS
]

export const ALL_OPEN: readonly OpenLimit[] = OPEN_NODE

export function limitsPage(): string {
  return `# Limits

Everything that a peer can make a node hold or wait for, with its default, what happens when it is reached, where it is counted, and the test that reaches it; last, the [limits that no test reaches](#open-limits-without-a-test). This page is written by the code: \`LIMITS=write npx vitest run docs/test/limits.test.ts\`; a test keeps it true.

## A node

Options of \`createGossip\`, counters of \`gossip.stats()\`.

${table(NODE_LIMITS)}

These are no options, and nothing counts how often they are reached.

${table(UNSETTABLE_LIMITS)}

## A message

Options of \`binaryCodec\` and \`jsonCodec\`, \`maxTextBytes\` of the latter only, and what both read at most. They may be raised at all nodes, and not lowered: correct peers send as much. Counters of \`gossip.stats()\`.

${table(MESSAGE_LIMITS)}

## TCP

Options of \`tcpTransport\`, counters of its \`stats()\`.

${table(TCP_LIMITS)}

## libp2p

Options of \`libp2pTransport\` and \`standaloneTransport\`, counters of its \`stats()\`, which has one for all refusals.

${table(LIBP2P_LIMITS)}

## The crate's network

Options of \`gossipCrate\`, counters of its transport's \`stats()\`.

${table(CRATE_LIMITS)}

## Open: limits without a test

The code keeps these as well, but no test would notice if it did not. Capital letters are constants, not options.

${openTable('a node', OPEN_NODE)}
`
}

function table(rows: readonly Limit[]): string {
  const lines = rows.map(({ option, value, reached, counter, file }) => {
    const link = `[${file.split('/').at(-1)}](../${file})`
    const counted = counter === '' ? 'none' : counter
    return `| ${nameOf(option)} | ${figure(option, value)} | ${reached} | ${counted} | ${link} |`
  })
  return [
    '| limit | default | when reached | counter | test |',
    '| --- | --- | --- | --- | --- |',
    ...lines
  ].join('\n')
}

function openTable(of: string, rows: readonly OpenLimit[]): string {
  const lines = rows.map(({ name, value, file, missing }) => {
    const most = value === undefined ? 'one each' : figure(name, value)
    return `| ${nameOf(name)} | ${most} | [${file.split('/').at(-1)}](../${file}) | ${missing} |`
  })
  return [
    `| limit of ${of} | default | kept in | what no test does |`,
    '| --- | --- | --- | --- |',
    ...lines
  ].join('\n')
}

function nameOf(option: string): string {
  return option.includes(' ') ? option : `\`${option}\``
}

/** The unit is the end of the name, or how a name in words begins. */
function figure(name: string, value: number): string {
  if (/Bytes|^bytes /.test(name)) return bytesOf(value)
  return `${value.toLocaleString('en')}${name.endsWith('Ms') ? ' ms' : ''}`
}

function bytesOf(value: number): string {
  if (value % 2 ** 20 === 0) return `${value / 2 ** 20} MiB`
  return value % 1024 === 0 ? `${value / 1024} KiB` : `${value.toLocaleString('en')} bytes`
}
