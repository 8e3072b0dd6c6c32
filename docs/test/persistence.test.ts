/** Runs the programs of docs/persistence.md, as they stand there and in their order, against the built packages. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(root, 'docs/persistence.md'), 'utf8')
const programs = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)

it('shows a restart that forgets nothing, and a damage that is told once', async () => {
  // Inside the checkout, because the programs import the packages by name.
  const folder = mkdtempSync(join(root, 'node_modules', '.docs-'))
  try {
    const outputs: string[] = []
    for (const [number, program] of programs.entries()) {
      writeFileSync(join(folder, `${number}.mjs`), program)
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [`${number}.mjs`], {
        cwd: folder
      })
      expect(stderr).toBe('')
      outputs.push(...stdout.trimEnd().split('\n'))
    }
    const promised = [...page.slice(page.indexOf('It prints')).matchAll(/`([^`]+)`/g)]
      .slice(0, 4)
      .map(([, line]) => line)
    expect(outputs).toEqual(['after a restart: active', ...promised])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
