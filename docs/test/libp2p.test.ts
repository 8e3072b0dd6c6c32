/** Runs the programs of docs/libp2p.md, as they stand there, against the built packages. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/libp2p.md'), 'utf8')
const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)
const CLOSED = 'friend: welcome\nstranger: refused\n'

it.each([
  ['a node of its own', 0, 'received hello\n'],
  ['a pre-shared key', 1, CLOSED],
  ['an allow-list', 2, CLOSED]
])('%s', { timeout: 40_000 }, async (_name, number, expected) => {
  // Inside the checkout, because the programs import the packages by name.
  const folder = mkdtempSync(join(root, 'node_modules', '.docs-'))
  try {
    writeFileSync(join(folder, 'program.mjs'), programs[number]!)
    const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder })
    expect(stdout).toBe(expected)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('shows no other program', () => {
  expect(programs).toHaveLength(3)
})
