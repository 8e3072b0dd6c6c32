/** Every snippet of every page is executed: most by the test of their page, the rest here. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { faultsOfCommand } from './commands.ts'
import { blocks, pages, root } from './pages.ts'
import { runProgram } from './run-program.ts'

/** Who runs the programs of a page. */
const RUN_BY: Readonly<Record<string, string>> = {
  'README.md': 'docs/test/readme.test.ts',
  'docs/from-the-crate.md': 'docs/test/from-the-crate.test.ts',
  'docs/libp2p.md': 'docs/test/libp2p.test.ts',
  'docs/persistence.md': 'docs/test/persistence.test.ts',
  'docs/simulation.md': 'docs/test/simulation.test.ts',
  'docs/wire.md': 'docs/test/wire.test.ts',
  'docs/wire-tcp.md': 'docs/test/wire-tcp.test.ts',
  'docs/writing-a-codec.md': 'docs/test/writing-a-codec.test.ts',
  'docs/writing-a-transport.md': 'docs/test/writing-a-transport.test.ts',
  'packages/compat-gossip-crate/README.md': 'docs/test/from-the-crate.test.ts',
  'packages/simulator/README.md': 'packages/simulator/test/readme.test.ts',
  'packages/testkit/README.md': 'packages/testkit/test/readme.test.ts'
}

/** What needs no running: drawings and output. */
const SHOWN = ['text']

describe('programs', () => {
  const programs = pages()
    .filter((page) => !(page in RUN_BY))
    .flatMap((page) =>
      blocks(page)
        .filter(({ language }) => language === 'ts')
        .map(({ text }, index) => ({ page, number: index + 1, text }))
    )

  it.each(programs)('number $number of $page runs', async ({ text }) => {
    const ending = text.includes('const gossip =') ? '\nawait gossip.stop()\n' : ''
    // Ports that may be taken, and addresses that this machine does not have.
    const local = text
      .replaceAll('port: 9000', 'port: 0')
      .replaceAll(/host: '[^']+'/g, "host: '127.0.0.1'")
    expect((await runProgram(local + ending)).stderr).toBe('')
  })

  it.each(Object.entries(RUN_BY))('of %s have a test that reads them', (page, test) => {
    expect(readFileSync(join(root, test), 'utf8')).toContain(page.split('/').at(-1))
  })
})

describe('commands', () => {
  const lines = pages().flatMap((page) =>
    blocks(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) =>
        text
          .split('\n')
          .map((line) => line.replace(/ +#.*/, '').trim())
          .filter((line) => line !== '')
          .map((line) => ({ page, line }))
      )
  )

  it.each(lines)('$page: $line', async ({ line }) => {
    expect(await faultsOfCommand(line)).toEqual([])
  })

  it.each([
    'npm run nothing',
    'npm run simulate -- katastrophe',
    'npm run example -- udp',
    'npm start -- --node 16',
    'npm start -- --codec xml',
    'npm run lab -- chaos --row 99',
    'npm run lab -- interop all',
    'npx no-such-tool',
    'maelstrom test -w broadcast --bin lab/maelstrom/bin/nothing'
  ])('cannot be: %s', async (line) => {
    expect(await faultsOfCommand(line)).not.toEqual([])
  })

  it('are found', () => {
    expect(lines.length).toBeGreaterThan(10)
  })
})

it('there are no snippets of other kinds', () => {
  const kinds = [...SHOWN, 'ts', 'sh']
  const others = pages().filter(
    (page) => !(page in RUN_BY) && blocks(page).some(({ language }) => !kinds.includes(language))
  )
  expect(others).toEqual([])
})
