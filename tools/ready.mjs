/**
 * Installs what package-lock.json asks for when node_modules holds something else.
 *
 * Plain Node without a dependency: it runs before there is any.
 */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { npm, root } from './tool.mjs'

const TICK_MS = 2000
const QUIET_MS = 700

/** Runs `work` while no other process on this checkout does: two must not install, or build, into the same folders. */
export async function inTurn(work) {
  const lock = join(root, '.turbo', 'ready.pid')
  mkdirSync(dirname(lock), { recursive: true })
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isRunning(readOr(lock, ''))) rmSync(lock, { force: true })
    else await delay(100)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Installs if anything is missing or of another version. */
export async function install() {
  const { wanted, isInstalled } = compareInstalled()
  if (isInstalled) return
  const title = `Installing ${wanted} packages (once, about half a minute)`
  await must(title, npm('ci', '--no-audit', '--no-fund', '--loglevel=error'))
}

/**
 * Runs a step that says nothing unless it fails or takes longer than a moment: then its title, a dot now and then, and
 * how long it took, all on one line. Throws when it fails, after printing all of its output.
 */
export async function must(title, [command, ...args]) {
  const startMs = Date.now()
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const output = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => output.push(chunk))
  let ticks
  const announce = setTimeout(() => {
    process.stderr.write(`${title} ..`)
    ticks = setInterval(() => process.stderr.write('.'), TICK_MS)
  }, QUIET_MS)
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`))
      resolve(1)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
  clearTimeout(announce)
  clearInterval(ticks)
  const took = `${((Date.now() - startMs) / 1000).toFixed(1)} s`
  if (ticks !== undefined) process.stderr.write(status === 0 ? ` ${took}\n` : ' failed\n')
  if (status === 0) return
  process.stderr.write(Buffer.concat(output))
  throw new Error(`${title} failed`)
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

/** Compares the lock file with npm's own record of what it installed. */
function compareInstalled() {
  const wanted = Object.entries(lockedPackages(join(root, 'package-lock.json'))).filter(([path]) =>
    /(^|\/)node_modules\//.test(path)
  )
  const present = lockedPackages(join(root, 'node_modules', '.package-lock.json'))
  const isInstalled = wanted.every(([path, { version, link, optional }]) => {
    // npm leaves out optional packages of other platforms.
    if (present[path] === undefined) return optional === true
    return present[path].version === version && present[path].link === link
  })
  return { wanted: wanted.filter(([, { optional }]) => optional !== true).length, isInstalled }
}

function lockedPackages(file) {
  return JSON.parse(readOr(file, '{}')).packages ?? {}
}

function readOr(file, fallback) {
  return existsSync(file) ? readFileSync(file, 'utf8') : fallback
}
