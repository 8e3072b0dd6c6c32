/** Runs the program of docs/from-the-crate.md, and holds its tables of defaults and flaws against code and tests. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PRESETS } from '../../packages/protocol/src/options/presets.ts'
import { read, root } from './pages.ts'
import { runProgram } from './run-program.ts'

const page = read('docs/from-the-crate.md')
const readme = read('packages/compat-gossip-crate/README.md')

/** The cells of the row that begins with `what`. */
function row(what: string): string[] {
  const line = page.split('\n').find((each) => each.startsWith(`| ${what} |`))
  return line!
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim())
}

it.each([
  ['here', page],
  ['in the README', readme]
])('the program %s makes a node', async (_name, text) => {
  const [, program] = /```ts\n([\s\S]*?)```/.exec(text)!
  const local = program!
    .replaceAll(/'1(27|0)\.0\.0\.\d'/g, "'127.0.0.1'")
    .replace('port: 9000', 'port: 0')
  const { stdout } = await runProgram(
    `${local}\nconsole.log(await gossip.start())\nawait gossip.stop()\n`
  )
  expect(stdout).toMatch(/^127\.0\.0\.1:\d+\n$/)
})

it('the table says what the presets are', () => {
  const { reference, lan } = PRESETS
  const of = <T>(pick: (preset: typeof lan) => T): T[] => [reference, lan].map(pick)
  const seconds = (ms: number): string => `${ms / 1000} s`
  expect(row('view size c, healing H, swapping S').slice(1)).toEqual(
    of(({ membership: { viewSize, healing, swapping } }) => `${viewSize}, ${healing}, ${swapping}`)
  )
  expect(row('period of peer sampling').slice(1)).toEqual(
    of(({ membership }) => seconds(membership.periodMs))
  )
  expect(row('period of rounds').slice(1)).toEqual(
    of(({ antiEntropy }) => seconds(antiEntropy.periodMs))
  )
  expect(row('expired digests remembered').slice(1)).toEqual(
    of(({ store }) => store.maxSeenDigests.toLocaleString('en'))
  )
  expect(of(({ broadcast }) => broadcast.mode)).toEqual(['off', 'eager'])
})

it('the table of flaws has those that tests name, and no others', () => {
  const [, section] = page.split('## Flaws of the crate\n')
  const listed = [...section!.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))
  const named = testFiles().flatMap((path) =>
    [...read(path).matchAll(/crate flaw (\d+)/g)].map(([, number]) => Number(number))
  )
  expect(listed).toEqual([...new Set(named)].toSorted((one, other) => one - other))
})

/** The paths of all tests of packages. */
function testFiles(): string[] {
  return readdirSync(join(root, 'packages'))
    .map((name) => join('packages', name, 'test'))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => join(folder, name))
    )
}
