/** Runs the programs of docs/libp2p.md, as they stand there, against the built packages. */

import { expect, it } from 'vitest'
import { blocks } from './pages.ts'
import { runProgram } from './run-program.ts'

const programs = blocks('docs/libp2p.md')
  .filter(({ language }) => language === 'ts')
  .map(({ text }) => text)
const CLOSED = 'friend: welcome\nstranger: refused\n'

it.each([
  ['a node of its own', 0, 'received hello\n'],
  ['a pre-shared key', 1, CLOSED],
  ['an allow-list', 2, CLOSED]
])('%s', async (_name, number, expected) => {
  const { stdout } = await runProgram(programs[number]!)
  expect(stdout).toBe(expected)
})

it('shows no other program', () => {
  expect(programs).toHaveLength(3)
})
