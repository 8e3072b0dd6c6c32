/** Every transport with every codec, through the command line: combinations.test.ts has one of them. */

import { expect, it } from 'vitest'
import { run } from './command.ts'
import { carriesChatAndFile, combinations } from './end-to-end.ts'

it.each(combinations)(
  '$transport with $codec carries a chat and a file, and survives the crash of one',
  (combination) => carriesChatAndFile(combination)
)

it.each(combinations)('$transport with $codec is a demo', async ({ transport, codec }) => {
  const plugins = ['--transport', transport, '--codec', codec]
  const { code, stdout, stderr } = await run('demo', '--nodes', '4', '--updates', '12', ...plugins)
  expect(stderr).toEqual([])
  expect(stdout.at(-1)).toMatch(/^delivered 36\/36, lost 0, duplicates 0, /)
  expect(code).toBe(0)
})
