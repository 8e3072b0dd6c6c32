/** A process whose nodes have stopped ends by itself, whatever its handler, validator and peer source still do. */

import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { bundleProgram, makeProgramFolder } from '../../../testkit/test/bundled-program.ts'

/** Less than the shortest timeout of those that hang, which is that of the validator. */
const MAX_EXIT_MS = 3000

it('ends at once after stop', async () => {
  const folder = makeProgramFolder()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = await bundleProgram(new URL('hanging-program.ts', import.meta.url), folder)
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const stoppedAtMs = performance.now()
  expect(await exited).toBe(0)
  expect(performance.now() - stoppedAtMs).toBeLessThan(MAX_EXIT_MS)
})
