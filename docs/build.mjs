/**
 * `npm run docs`: runs every snippet, then makes the pages and the reference of the packages one static site, in `docs/site`,
 * and checks that all its links lead somewhere. With `--links` the snippets are left to the tests.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { root, tool } from '../tools/tool.mjs'

const HELP = `Usage: npm run docs [-- --links]

Runs every program and command of the pages, then makes them and the reference of the packages one
static site in docs/site, and follows all its links. Half a minute, and as long as the programs take.
  --links  only makes the site: the programs are left to npm test
`
if (process.argv.includes('--help') || process.argv.includes('-h')) {
  process.stdout.write(HELP)
  process.exit()
}

const here = join(root, 'docs')
const site = join(here, 'site')

if (!process.argv.includes('--links')) {
  const tests = ['docs/test', 'packages/simulator/test/readme', 'packages/testkit/test/readme']
  const [file, ...words] = tool('vitest', 'run', ...tests)
  if (spawnSync(file, words, { cwd: root, stdio: 'inherit' }).status !== 0) process.exit(1)
}

rmSync(site, { recursive: true, force: true })
process.chdir(here)
const { Application } = await import('typedoc')
const app = await Application.bootstrapWithPlugins({ options: join(here, 'typedoc.json') })
const project = await app.convert()
if (project !== undefined) {
  app.validate(project)
  await app.generateOutputs(project)
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1)

const { links, dead } = follow()
if (dead.length > 0) console.error(`dead links:\n${dead.join('\n')}`)
console.log(
  `${links} links checked, ${dead.length} dead. The site: ${pathToFileURL(join(site, 'index.html')).href}`
)
process.exitCode = dead.length === 0 ? 0 : 1

/** Follows every link within the site, to its file and its place there. */
function follow() {
  const pages = readdirSync(site, { recursive: true })
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(site, name))
  const places = new Map(
    pages.map((page) => [
      page,
      new Set(Array.from(readFileSync(page, 'utf8').matchAll(/\sid="([^"]+)"/g), ([, id]) => id))
    ])
  )
  const found = { links: 0, dead: [] }
  for (const page of pages) {
    for (const [, target] of readFileSync(page, 'utf8').matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(target) || target === '') continue
      found.links++
      const { pathname, hash } = new URL(target.replaceAll('&amp;', '&'), pathToFileURL(page))
      const file = fileURLToPath(`file://${pathname}`)
      const place = decodeURIComponent(hash.slice(1))
      const isThere =
        existsSync(file) && (place === '' || !places.has(file) || places.get(file).has(place))
      if (!isThere) found.dead.push(`${relative(site, page)} -> ${target}`)
    }
  }
  return found
}
