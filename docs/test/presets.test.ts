/** The tables of presets, cell by cell: docs/tuning.md has their paces, docs/from-the-crate.md all that two of them set. */

import { describe, expect, it } from 'vitest'
import { PRESETS, type Preset } from '../../packages/protocol/src/options/presets.ts'
import type { StoreConfig } from '../../packages/protocol/src/store/config.ts'
import { crateDefaults } from './limits/crate.ts'
import { tcpDefaults } from './limits/tcp.ts'
import { read } from './pages.ts'
import { tables, type Table } from './prose/inline-code.ts'

const seconds = (ms: number): string => `${ms / 1000} s`

/** The table of a page whose first header is `first`. */
function tableOf(page: string, first: string): Table {
  const found = tables(read(page)).find(({ header }) => header[0] === first)
  if (found === undefined) throw new Error(`${page} has no table of ${first}`)
  return found
}

describe('docs/tuning.md', () => {
  const { header, rows } = tableOf('docs/tuning.md', 'preset')

  it('has a row for each preset, the default first', () => {
    expect(header).toEqual(['preset', 'view exchange', 'digest round', 'for'])
    const names = Object.keys(PRESETS).map((name) => `\`${name}\``)
    expect(rows.map(([name]) => name)).toEqual([`${names[0]} (default)`, ...names.slice(1)])
  })

  it.each(rows.map((row) => [row[0]!, ...row.slice(1)] as const))('%s', (name, view, round) => {
    const { membership, antiEntropy } = PRESETS[/`(\w+)`/.exec(name)![1] as Preset]
    const jitter = antiEntropy.jitter === 0 ? ', no jitter' : ''
    expect([view, round]).toEqual([
      seconds(membership.periodMs),
      `${seconds(antiEntropy.periodMs)}${jitter}`
    ])
    expect(membership.jitter).toBe(antiEntropy.jitter)
  })
})

describe('docs/from-the-crate.md', () => {
  const { header, rows } = tableOf('docs/from-the-crate.md', 'what')
  // What stands in no preset: how the transports of the two columns connect.
  const own = rows.filter(([what]) => what !== 'connections')

  it.each(['reference', 'lan'] as const)('has what %s sets', (name) => {
    const column = header.indexOf(`\`${name}\``)
    expect(Object.fromEntries(own.map((row) => [row[0], row[column]]))).toEqual(defaultsOf(name))
  })
})

function expirationOf({ expiration, maxBytes }: StoreConfig): string {
  if (expiration.mode !== 'mostRecent') return expiration.mode
  return `the ${expiration.count.toLocaleString('en')} most recent, up to ${maxBytes / 2 ** 20} MiB`
}

function defaultsOf(name: 'reference' | 'lan'): Record<string, string> {
  const { membership, store, antiEntropy, broadcast } = PRESETS[name]
  const switches = [membership, antiEntropy].flatMap(({ push, pull }) => [push, pull])
  const { maxMessageBytes } = name === 'reference' ? crateDefaults : tcpDefaults
  return {
    'push, pull, of views and of updates': switches.every(Boolean) ? 'on' : 'off',
    'view size c, healing H, swapping S': `${membership.viewSize}, ${membership.healing}, ${membership.swapping}`,
    'period of peer sampling': seconds(membership.periodMs),
    'period of rounds': seconds(antiEntropy.periodMs),
    'deviation of periods': membership.jitter === 0 ? '0' : `${100 * membership.jitter} %`,
    expiration: expirationOf(store),
    'expired digests remembered': store.maxSeenDigests.toLocaleString('en'),
    'what a round names':
      antiEntropy.reconciliation === 'list' ? 'all active updates' : 'what the two differ in',
    'updates between rounds':
      broadcast.mode === 'off' ? 'no' : 'pushed to neighbors, or named by digest, at once',
    'size of an update, of a message': `${store.maxContentBytes / 2 ** 10} KiB, ${maxMessageBytes / 2 ** 20} MiB`
  }
}
