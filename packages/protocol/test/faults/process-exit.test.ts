/** A process whose nodes have stopped ends by itself, whatever its handler, validator and peer source still do. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { expect, it, onTestFinished } from 'vitest'

const PACKAGES = fileURLToPath(new URL('../../..', import.meta.url))

/** Less than the shortest timeout of those that hang, which is that of the validator. */
const MAX_EXIT_MS = 3000

it('ends at once after stop', async () => {
  // Inside the checkout, because the program imports what is not ours by name.
  const folder = mkdtempSync(join(PACKAGES, '../node_modules/.hanging-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await build({
    configFile: false,
    logLevel: 'silent',
    resolve: {
      alias: [{ find: /^@rumormill\/([a-z0-9-]+)$/, replacement: `${PACKAGES}/$1/src/index.ts` }]
    },
    ssr: { noExternal: [/^@rumormill\//] },
    build: {
      ssr: join(PACKAGES, 'protocol/test/faults/hanging-program.ts'),
      outDir: folder,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'hanging.mjs' } }
    }
  })
  const child = spawn(process.execPath, [join(folder, 'hanging.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = new Promise((resolve) => child.once('exit', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const stoppedAtMs = performance.now()
  expect(await exited).toBe(0)
  expect(performance.now() - stoppedAtMs).toBeLessThan(MAX_EXIT_MS)
})
