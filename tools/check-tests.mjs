/** Runs the tests, all or those of the core, and leaves the report in `tools/report`: `node check-tests.mjs all|core`. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, tool } from './tool.mjs'

const [, , which] = process.argv
const [name, filter] = which === 'core' ? ['core', ['--project=core']] : ['tests', []]
const report = join(root, 'tools', 'report', `${name}.json`)
mkdirSync(dirname(report), { recursive: true })
// A run that breaks off must not leave the report of the one before.
rmSync(report, { force: true })
const [file, ...words] = tool(
  'vitest',
  'run',
  '--reporter=default',
  `--reporter=${join(root, 'tools', 'progress-reporter.mjs')}`,
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...filter
)
const { status } = spawnSync(file, words, { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1
