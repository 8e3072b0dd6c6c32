/** Two nodes that spread an update from the installed packages: in this Node, in a newer one, in Bun and in Deno. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, skip } from './checks.mjs'
import { install, newProject, run } from './project.mjs'

/** Other runtimes, as npm packages, and how each runs a program. Skipped where they cannot be had. */
const RUNTIMES = {
  'node@24': ['node'],
  bun: ['bun', 'run'],
  deno: ['deno', 'run', '--allow-all', '--node-modules-dir=manual', '--quiet']
}
const TRANSPORTS = { tcp: 'tcpTransport', 'libp2p/node': 'standaloneTransport' }

/** Two nodes that tell each other something, for any transport that listens by itself. */
const SPREAD = `
export async function spread(createGossip, staticPeers, codec, transport) {
  const heard = []
  const node = (peers) => createGossip({
    transport: transport(), codec, peerSource: staticPeers(peers), preset: 'local',
    handler: { onUpdate: ({ content }) => void heard.push(new TextDecoder().decode(content)) }
  })
  const one = node([])
  const other = node([await one.start()])
  await other.start()
  other.submit(new TextEncoder().encode('hello'))
  for (let tries = 0; heard.length === 0 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 20))
  await Promise.all([one.stop(), other.stop()])
  if (heard.join() !== 'hello') throw new Error('the update did not arrive')
}
`

/** Imports each of `modules`, and spreads an update with each codec over each transport. */
export async function inRuntimes(folder, modules) {
  writeFileSync(join(folder, 'spread.js'), SPREAD)
  for (const module of modules)
    await check(`import ${module}`, () => inNode(folder, `import ${JSON.stringify(module)}`))
  for (const codec of ['binary', 'json']) {
    for (const [name, make] of Object.entries(TRANSPORTS))
      await check(`an update over ${name}, ${codec}`, () =>
        inNode(folder, spreading(codec, name, make))
      )
  }
  for (const [runtime, command] of Object.entries(RUNTIMES))
    await inRuntime(folder, runtime, command)
}

function spreading(codec, transport, make) {
  return `
    import { createGossip, staticPeers } from '@rumormill/protocol'
    import { ${codec}Codec } from '@rumormill/codec-${codec}'
    import { ${make} } from '@rumormill/transport-${transport}'
    import { spread } from './spread.js'
    await spread(createGossip, staticPeers, ${codec}Codec(), ${make})
    process.exit(0)`
}

async function inRuntime(folder, runtime, [program, ...args]) {
  const home = newProject(join(folder, 'runtimes', program))
  try {
    await install(home, runtime)
  } catch {
    return skip(runtime, 'npm has no such package here')
  }
  writeFileSync(join(folder, 'program.mjs'), spreading('binary', 'tcp', 'tcpTransport'))
  await check(`an update over tcp in ${runtime}`, () =>
    run(folder, [join(home, 'node_modules', '.bin', program), ...args, 'program.mjs'])
  )
}

function inNode(folder, program) {
  writeFileSync(join(folder, 'program.mjs'), program)
  return run(folder, [process.execPath, 'program.mjs'])
}
