/** What pages say of the code outside their snippets is so: names, values, commands and defaults in inline code. */

import { gossipCrate } from '@rumormill/compat-gossip-crate'
import { tcpTransport } from '@rumormill/transport-tcp'
import { describe, expect, it } from 'vitest'
import { faultsOfCommand } from './commands.ts'
import { nodeStats } from './node-stats.ts'
import { blocks, pages, read } from './pages.ts'
import { countDefaults, faultsOfDefaults } from './prose/defaults.ts'
import { inlineCode, proseOf } from './prose/inline-code.ts'
import {
  isCommand,
  unknownCounters,
  unknownPaths,
  unknownSwitches,
  unknownTexts,
  unknownWords
} from './prose/names.ts'
import { unknownFigures, unknownOptions } from './prose/options.ts'

/** Told by others: what has been, and how a release is made. */
const LEFT_OUT = ['CHANGELOG.md', 'RELEASING.md']

const CRATE = 'a name of the crate gossip'
const OWN = 'a file that the reader makes'
const PLACEHOLDER = 'stands for what the reader chooses'
/** Words in inline code that are of no source, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
  utils: 'a name that no file may have',
  helpers: 'a name that no file may have',
  new_with_defaults: CRATE,
  closure: CRATE,
  on_update: CRATE,
  is_active: CRATE,
  is_expired: CRATE,
  shutdown: CRATE,
  PeerSamplingConfig: CRATE,
  UpdateExpirationMode: CRATE,
  None: CRATE,
  DurationMillis: CRATE,
  PushCount: CRATE,
  MostRecent: CRATE,
  'Content-Security-Policy': 'a header of HTTP',
  'hello.mjs': OWN,
  'lines-codec.ts': OWN,
  'http-transport.ts': OWN,
  'register.ts': OWN,
  'packed/': 'a folder that npm run pack makes',
  packed: 'a folder that npm run pack makes',
  SCENARIO: PLACEHOLDER,
  FOLDER: PLACEHOLDER,
  VALUE: PLACEHOLDER
}

/** Names shaped as options of nodes that are none: arguments, methods, faults, and fields of events, errors and modes of expiration. */
const FIGURES = [
  'nowMs',
  'deadlineMs',
  'delayMs',
  'reorderMs',
  'bannedMs',
  'activeUpdates',
  'activeBytes',
  'retryAfterMs',
  'minAgeMs',
  'sayBytes'
]

const stats = await nodeStats()
const counters = [
  ...Object.keys(stats),
  ...Object.keys(stats.dropped),
  'refused',
  ...Object.keys(tcpTransport().stats().refused),
  ...Object.keys(gossipCrate().transport.stats().refused)
]

/** All that is wrong with a page, but for its commands. */
function faultsOf(text: string, page: string): string[] {
  const prose = proseOf(text)
  const shown = blocks(page).map((block) => block.text)
  return [
    // The test of the metrics has their table.
    ...unknownWords(prose, shown.join('\n'), ALLOWED).filter(
      (word) => !word.startsWith('rumormill_')
    ),
    ...unknownTexts(prose, shown.join('\n')),
    ...unknownOptions(prose),
    ...unknownFigures(prose, FIGURES),
    ...unknownCounters(prose, counters),
    ...unknownPaths(prose, ALLOWED),
    ...unknownSwitches(prose),
    ...faultsOfDefaults(text, page)
  ]
}

function commandsIn(text: string): string[] {
  return inlineCode(proseOf(text))
    .filter(isCommand)
    .map((code) => /(?:[A-Z]+=\S+ )?(?:npm|npx|node) [^;']*/.exec(code)![0].trim())
}

const checked = pages().filter((page) => !LEFT_OUT.includes(page))

describe.each(checked)('%s', (page) => {
  const text = read(page)

  it('names what there is, with the defaults that there are', () => {
    expect(faultsOf(text, page)).toEqual([])
  })

  it('shows commands that can be run', { timeout: 60_000 }, async () => {
    const faults = await Promise.all(commandsIn(text).map((command) => faultsOfCommand(command)))
    expect(faults.flat()).toEqual([])
  })
})

describe('an untruth is noticed', () => {
  it.each([
    ['an option', '`maxSeenDigest`'],
    ['an option of a group', '`limits.connections`'],
    ['an option of a group', '`antiEntropy: { fan: 2 }`'],
    ['an option of another group', '`membership.fanout`'],
    ['the most of something', '`maxRetries`'],
    ['a preset', "`preset: 'wann'`"],
    ['a preset', 'preset `wann`'],
    ['a drop reason', '`peer-bussy`'],
    ['a counter', "`refused['to-large']`"],
    ['a counter', '`stats().activeUpdate`'],
    ['an error code', '`STORE_FUL`'],
    ['a scenario', '`katastrophe`'],
    ['an option of a command', '`--node`'],
    ['a file', '`packages/protocol/test/nothing.test.ts`'],
    ['a default', '`maxSeenDigests` (10)'],
    ['a default', '`membership.pastPeerMs` (default 3 h)'],
    ['a default without its unit', '`broadcast.lazyMs` (500 KiB)'],
    ['a default that is not compared', '10 expired digests (`store.maxSeenDigests`)'],
    ['a default that is not compared', 'remembers 10 `maxSeenDigests`'],
    ['a default that is not compared', '`viewSize` 20 is enough'],
    ['a default', '`viewSize`, 20 by default'],
    ['a default in a table', '| limit | default |\n| --- | --- |\n| `viewSize` | 20 |\n']
  ])('%s: %s', (_what, text) => {
    expect(faultsOf(text, 'README.md').length).toBeGreaterThan(0)
  })

  it('a command', async () => {
    const [command] = commandsIn('`npm run simulate -- katastrophe`')
    expect(await faultsOfCommand(command!)).toHaveLength(1)
  })
})

it('defaults are found, so that they are compared', () => {
  const count = checked.reduce((sum, page) => sum + countDefaults(read(page), page), 0)
  expect(count).toBeGreaterThan(90)
})
