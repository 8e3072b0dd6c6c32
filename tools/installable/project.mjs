/** A project outside the checkout, in a temporary folder. */

import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { npm } from '../tool.mjs'

const COMMAND_MS = 180_000

/** Makes the folder with an empty package.json, to which `more` is added. Returns the folder. */
export function newProject(folder, more = {}) {
  mkdirSync(folder, { recursive: true })
  const manifest = { name: 'outside', private: true, type: 'module', ...more }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  return folder
}

/** Runs a command in `folder`. Rejects with its output when it fails or takes more than three minutes. */
export function run(folder, [file, ...args], env = {}) {
  return promisify(execFile)(file, args, {
    cwd: folder,
    timeout: COMMAND_MS,
    env: { ...process.env, ...env }
  })
}

/** Installs packages and tarballs with npm, in a project made by `newProject`. */
export function install(folder, ...packages) {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  return run(folder, npm('install', ...quiet, ...packages))
}
