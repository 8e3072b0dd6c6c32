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

This page lists the limit on everything that a peer can make a node hold or wait for: its default, what happens when it is reached, the counter that shows it, and the test that reaches it. The last section lists the [limits that no test reaches](#open-limits-without-a-test). The page is generated from the code by \`LIMITS=write npx vitest run docs/test/limits.test.ts\`; a test fails when it is out of date.

## A node

The limits are options of \`createGossip\`; the counters are in \`gossip.stats()\`.

${table(NODE_LIMITS)}

The following limits are constants, not options, and most have no counter.

${table(UNSETTABLE_LIMITS)}

## A message

The named limits are options of \`binaryCodec\` and \`jsonCodec\` (\`maxTextBytes\` of \`jsonCodec\` only); the others are constants of both codecs. Options may be raised, on all nodes of a group, but not lowered, because correct peers send messages up to the defaults. The counters are in \`gossip.stats()\`.

${table(MESSAGE_LIMITS)}

## TCP

The named limits are options of \`tcpTransport\`; the counters are in its \`stats()\`.

${table(TCP_LIMITS)}

\`refused\` also counts what no limit causes: \`inbound-connections-full\` and \`outbound-connections-full\` where no connection could be closed for the new one, \`backing-off\` (a send to an address whose dials fail), \`turned-away\` (peers that are banned or not authorized), \`address-refused\` (a hello with the address of another host), \`identity-in-use\` (a second node with an address), \`other-protocol\`, \`no-hello\`, and \`malformed\` and \`too-large\` frames.

## libp2p

The limits \`admission.*\` are options of \`createNode\` and \`standaloneTransport\`, the others of \`libp2pTransport\` and \`standaloneTransport\`; the counters are in the \`stats()\` of the transport, where one counter (\`refused\`) covers all refusals.

${table(LIBP2P_LIMITS)}

## The crate's network

The limits are options of \`gossipCrate\`; the counters are in the \`stats()\` of its transport.

${table(CRATE_LIMITS)}

## Open: limits without a test

The code enforces these limits too, but no test would fail if it did not.

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
    `| limit of ${of} | default | kept in | what the tests lack |`,
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
