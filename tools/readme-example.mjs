/** The first program of the README, as strangers copy it: what it imports, and what two copies of it say to each other. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from './tool.mjs'

const ANSWER_MS = 30_000

/** The program. It listens at port 9000 and knows a peer at 9001. */
export function readmeExample() {
  return found(/```ts\n([\s\S]*?)```/)
}

/** Names of the packages that the README's first `npm install` installs. */
export function readmeInstalls() {
  return found(/npm install (@rumormill\/.*)/).split(' ')
}

/** Names of the packages that the program imports. */
export function importedPackages(program) {
  return [...program.matchAll(/^import .* from '([^']+)'$/gm)].map(([, name]) => name)
}

/**
 * Runs two copies of the program in `folder`, on two free ports of 127.0.0.1, until each has printed the greeting of the other.
 * `nodeOptions` go before the name of the file.
 */
export async function greetEachOther(folder, nodeOptions = []) {
  const [port, otherPort] = await freePorts()
  const copies = [
    start(folder, nodeOptions, port, otherPort),
    start(folder, nodeOptions, otherPort, port)
  ]
  try {
    const lines = await Promise.all(copies.map(({ line }) => line))
    const expected = [otherPort, port].map((each) => `hello from 127.0.0.1:${each}`)
    if (lines.join() !== expected.join())
      throw new Error(`printed ${JSON.stringify(lines)}, not ${JSON.stringify(expected)}`)
  } finally {
    for (const { child } of copies) child.kill('SIGKILL')
  }
}

function start(folder, nodeOptions, own, other) {
  const file = join(folder, `hello-${own}.mjs`)
  const ports = { 9000: own, 9001: other }
  writeFileSync(
    file,
    readmeExample().replaceAll(/\b900[01]\b/g, (port) => ports[port])
  )
  const child = spawn(process.execPath, [...nodeOptions, file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let problems = ''
  child.stderr.on('data', (chunk) => (problems += chunk))
  return { child, line: firstLine(child, () => problems) }
}

async function firstLine(child, problems) {
  const signal = AbortSignal.timeout(ANSWER_MS)
  const ended = once(child, 'close', { signal }).then(() => undefined)
  const printed = once(createInterface(child.stdout), 'line', { signal }).then(([line]) => line)
  // Whichever comes second is of no interest, and must not be an unhandled rejection.
  for (const each of [ended, printed]) each.catch(() => {})
  let line
  try {
    line = await Promise.race([printed, ended])
  } catch {
    throw new Error(`printed nothing within ${ANSWER_MS} ms\n${problems()}`)
  }
  if (line === undefined) throw new Error(`ended without a line\n${problems()}`)
  return line
}

/** Ports that were free a moment ago: the program names its own, so port 0 does not do. */
async function freePorts() {
  const servers = [createServer(), createServer()]
  const ports = []
  for (const server of servers) {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ports.push(server.address().port)
  }
  for (const server of servers) await once(server.close(), 'close')
  return ports
}

/** What the group of `pattern` matches in the README. */
function found(pattern) {
  const [, text] = pattern.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  if (text === undefined) throw new Error(`README.md has nothing like ${pattern}`)
  return text
}
