/** Runs a program of a page as its readers do. */

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './pages.ts'

/** Rejects when it fails. Against the built packages, in a folder of its own that goes away. */
export async function runProgram(text: string): Promise<{ stdout: string; stderr: string }> {
  // Inside the checkout, because the programs import the packages by name.
  const folder = mkdtempSync(join(root, 'node_modules', '.docs-'))
  try {
    writeFileSync(join(folder, 'program.mjs'), text)
    return await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
