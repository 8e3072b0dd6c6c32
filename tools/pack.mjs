/** `npm run pack`: puts a tarball of every published package into `packed/`, and says how to install from there. */

import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { importedPackages, readmeExample } from './readme-example.mjs'
import { installation, packInto } from './tarballs.mjs'
import { root } from './tool.mjs'

const HELP = `Usage: npm run pack

Puts a tarball of every published package into the folder packed/, prints their sizes,
and how a project elsewhere installs from them with npm, pnpm and Yarn.
`

if (process.argv.includes('--help') || process.argv.includes('-h')) process.stdout.write(HELP)
else await main()

async function main() {
  const folder = join(root, 'packed')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const tarballs = await packInto(folder)
  for (const { file, bytes } of tarballs)
    console.log(`${String(Math.ceil(bytes / 1024)).padStart(4)} KiB  packed/${basename(file)}`)
  const names = importedPackages(readmeExample())
  console.log(`\nTo install ${names.join(', ')} in another project, in its folder:`)
  for (const manager of ['npm', 'pnpm', 'yarn']) instruct(manager, tarballs, names)
  console.log(
    '\nOther packages are installed likewise, each with those of packed/ that it depends on.'
  )
}

function instruct(manager, tarballs, names) {
  const { words, files } = installation(manager, tarballs, names)
  console.log(`\nWith ${manager}:`)
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
    console.log(`  add to ${name}\n${text.trimEnd().replaceAll(/^/gm, '    ')}\n  and run`)
  }
  console.log(`    ${[manager, ...words].map(quoted).join(' ')}`)
}

/** A word as a shell takes it. */
function quoted(word) {
  return /[\s']/.test(word) ? JSON.stringify(word) : word
}
