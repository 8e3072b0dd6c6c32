/** The declarations of the installed packages, as two TypeScripts and two ways to resolve modules read them. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check } from './checks.mjs'
import { run } from './project.mjs'

/** The oldest TypeScript that is meant to work, and the newest. */
const TYPESCRIPTS = ['5.6', '7.0.2']
const RESOLUTIONS = { nodenext: 'nodenext', bundler: 'esnext' }

/** What npm must install beside the packages. */
export const COMPILERS = TYPESCRIPTS.map((version) => `ts-${version}@npm:typescript@${version}`)

export async function types(folder, modules) {
  for (const version of TYPESCRIPTS) {
    for (const [resolution, kind] of Object.entries(RESOLUTIONS))
      await check(`types, TypeScript ${version}, ${resolution}`, () =>
        typed(folder, modules, version, resolution, kind)
      )
  }
}

async function typed(folder, modules, version, resolution, kind) {
  const used = modules.map((module, index) => `import * as m${index} from '${module}'`)
  const all = `export const all: object[] = [${modules.map((_module, index) => `m${index}`).join(', ')}]`
  const program = `
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
export const gossip: GossipService = createGossip({
  transport: tcpTransport({ port: 9000 }), codec: binaryCodec(), peerSource: staticPeers(['127.0.0.1:9001']),
  handler: { onUpdate: ({ digest, content }) => console.log(digest.length, content.byteLength) }
})
`
  writeFileSync(join(folder, 'program.ts'), [...used, all, program].join('\n'))
  const compilerOptions = {
    module: kind,
    moduleResolution: resolution,
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable', 'dom'],
    types: ['node'],
    strict: true,
    noEmit: true,
    // libp2p's own declarations do not pass without it.
    skipLibCheck: true
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] })
  )
  await run(folder, [
    process.execPath,
    join('node_modules', `ts-${version}`, 'lib', 'tsc.js'),
    '-p',
    '.'
  ])
}
