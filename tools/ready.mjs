/**
 * Makes a checkout ready, then runs a command: `node tools/ready.mjs [PACKAGE ...] -- COMMAND [ARGUMENT ...]`.
 *
 * Installs what package-lock.json asks for when node_modules holds something else, and builds what is stale: the
 * named packages and what they depend on, or all of them. Plain Node without a dependency: it runs before there is any.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { npm, root, tool } from './tool.mjs'

const QUIET_MS = 700

async function main() {
  const [packages, command] = splitArguments(process.argv.slice(2))
  const release = await takeTurn()
  try {
    if (!isInstalled()) await install()
    await build(packages)
  } finally {
    release()
  }
  if (command.length > 0) run(command)
}

function splitArguments(words) {
  const at = words.indexOf('--')
  return at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)]
}

/** One at a time: two terminals that start at once must not install, or build, into the same folders. */
async function takeTurn() {
  const lock = join(root, '.turbo', 'ready.pid')
  mkdirSync(dirname(lock), { recursive: true })
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return () => rmSync(lock, { force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isRunning(readOr(lock, ''))) rmSync(lock, { force: true })
    else await delay(100)
  }
}

function isRunning(pid) {
  if (!/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Whether node_modules holds what the lock file asks for. npm keeps its own record of what it installed there. */
function isInstalled() {
  const wanted = lockedPackages(join(root, 'package-lock.json'))
  const present = lockedPackages(join(root, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(([path, { version, link, optional }]) => {
    if (!/(^|\/)node_modules\//.test(path)) return true
    // npm leaves out optional packages of other platforms.
    if (present[path] === undefined) return optional === true
    return present[path].version === version && present[path].link === link
  })
}

function lockedPackages(file) {
  return JSON.parse(readOr(file, '{}')).packages ?? {}
}

function readOr(file, fallback) {
  return existsSync(file) ? readFileSync(file, 'utf8') : fallback
}

/** Not `npm ci`: it refuses a lock file without the optional packages of other platforms, which registries may lack. */
async function install() {
  const command = npm('install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error')
  await must('Installing what package-lock.json asks for', command)
}

async function build(packages) {
  const filters = packages.map((name) => `--filter=${name}...`)
  await must(
    'Building',
    tool('turbo', 'run', 'build', '--output-logs=errors-only', '--log-prefix=none', ...filters)
  )
}

/** Runs a step in silence; a line of progress when it takes longer, all of its output when it fails. */
async function must(title, [command, ...args]) {
  const startMs = Date.now()
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  let announced = false
  const announce = setTimeout(() => {
    announced = true
    process.stderr.write(`${title} ...\n`)
  }, QUIET_MS)
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`))
      resolve(1)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
  clearTimeout(announce)
  if (status !== 0) {
    process.stderr.write(Buffer.concat(output))
    throw new Error(`${title} failed`)
  }
  if (announced)
    process.stderr.write(`${title} took ${((Date.now() - startMs) / 1000).toFixed(1)} s\n`)
}

function run([name, ...args]) {
  const child = spawn(name === 'node' ? process.execPath : name, args, {
    cwd: root,
    stdio: 'inherit'
  })
  // The child decides what a signal means, and how it ends. A terminal tells it of Ctrl-C and its own end itself.
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

main().catch((error) => fail(error.message))
