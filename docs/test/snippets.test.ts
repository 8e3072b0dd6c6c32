/** Every snippet of every page is executed: most by the test of their page, the rest here. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { blocks, pages, read, root } from './pages.ts'
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

const { scripts } = JSON.parse(read('package.json')) as {
  scripts: Readonly<Record<string, string>>
}

describe('programs', () => {
  const programs = pages()
    .filter((page) => !(page in RUN_BY))
    .flatMap((page) =>
      blocks(page)
        .filter(({ language }) => language === 'ts')
        .map(({ text }, index) => ({ page, number: index + 1, text }))
    )

  it.each(programs)('number $number of $page runs', { timeout: 40_000 }, async ({ text }) => {
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

  it.each(lines)('$page: $line', { timeout: 20_000 }, async ({ line }) => {
    // Not ours, and nothing that is here.
    if (line.startsWith('maelstrom ')) return
    const [command, ...words] = line.split(/ +/)
    expect(['npm', 'npx']).toContain(command)
    if (command === 'npx')
      return expect(existsSync(join(root, 'node_modules', '.bin', words[0]!))).toBe(true)
    const [script = '', ...rest] = words.filter((word) => word !== 'run' && word !== '-s')
    expect(scripts).toHaveProperty([script])
    const options = rest
      .filter((word) => word.startsWith('--') && word.length > 2)
      .map((word) => word.split('=')[0]!)
    if (options.length === 0) return
    const [, program = ''] = scripts[script]!.split(' -- node ')
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...program.split(' '), '--help'],
      { cwd: root }
    )
    for (const option of options) expect(stdout).toContain(option)
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
