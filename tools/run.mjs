/**
 * Makes a checkout ready, then runs a command: `node tools/run.mjs [PACKAGE ...] [-- COMMAND [ARGUMENT ...]]`.
 *
 * Installs what is missing and builds what is stale: the named packages and what they depend on, or all of them.
 */

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { prepare } from './build.mjs'
import { root } from './tool.mjs'

const words = process.argv.slice(2)
const at = words.indexOf('--')
const packages = at < 0 ? words.filter((word) => !word.startsWith('-')) : words.slice(0, at)
const command = at < 0 ? [] : words.slice(at + 1)

if (at < 0 && (words.includes('--help') || words.includes('-h'))) {
  console.log('Usage: npm run build [-- PACKAGE ...]')
  console.log('Installs what is missing and builds what is stale: the named packages and what they')
  console.log('depend on, such as @rumormill/example, or all of them.')
} else {
  try {
    // A plain script says its --help without anything installed or built.
    if (!(command[1]?.endsWith('.mjs') && command.includes('--help'))) await prepare(packages)
    if (command.length > 0) run(command)
  } catch (error) {
    fail(error.message)
  }
}

function run([name, ...args]) {
  const program = name === 'node' ? process.execPath : name
  const child = spawn(program, args, { cwd: root, stdio: 'inherit' })
  // The child decides what a signal means, and how it ends. A terminal sends it Ctrl-C and its own end itself.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.once('error', (error) => fail(`cannot run ${name}: ${error.message}`))
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
