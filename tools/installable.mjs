/**
 * Packs every package that is published, installs the tarballs into empty projects, and uses them there: the example of the
 * README with npm, pnpm and Yarn; all packages in Node, Bun and Deno, typed by two TypeScripts in two ways, bundled and
 * weighed by Vite, and run in Chromium. The last line has the totals.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, total } from './installable/checks.mjs'
import { inManagers } from './installable/managers.mjs'
import { inPage } from './installable/page.mjs'
import { install, newProject } from './installable/project.mjs'
import { inRuntimes } from './installable/runtimes.mjs'
import { COMPILERS, types } from './installable/types.mjs'
import { packInto } from './tarballs.mjs'

const HELP = `Usage: npm run lab -- installable

Packs every published package and uses the tarballs in empty projects outside the checkout:
with npm, pnpm and Yarn; in Node, Bun, Deno and Chromium; with two versions of TypeScript.
Takes some minutes, and asks the npm registry for what is not in npm's cache.
`

if (process.argv.includes('--help') || process.argv.includes('-h')) process.stdout.write(HELP)
else await main()

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'rumormill-installed-'))
  try {
    await everything(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  process.exitCode = total() ? 0 : 1
}

async function everything(folder) {
  const place = join(folder, 'tarballs')
  mkdirSync(place)
  let tarballs
  if (!(await check('pack', async () => (tarballs = await packInto(place))))) return
  await inManagers(folder, tarballs)
  const project = newProject(join(folder, 'all'))
  const files = tarballs.map(({ file }) => file)
  const others = ['prom-client', '@opentelemetry/api', '@types/node@20', 'vite', ...COMPILERS]
  if (!(await check('install all packages', () => install(project, ...files, ...others)))) return
  const modules = tarballs.flatMap(({ manifest }) => modulesOf(manifest))
  await inRuntimes(project, modules)
  await types(project, modules)
  await inPage(project)
}

/** What a program can import from a package. */
function modulesOf({ name, exports }) {
  const paths = Object.keys(exports).filter((path) => path !== './package.json')
  return paths.map((path) => name + path.slice(1))
}
