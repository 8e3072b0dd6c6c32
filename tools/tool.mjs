/** How the development tools are run: by Node itself, which is quicker than npx and works everywhere. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Returns the folder of each published package, and what its package.json says. */
export function publishedPackages() {
  const folders = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name))
  const packages = folders.map((folder) => ({
    folder,
    ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  }))
  return packages.filter((each) => each.private !== true)
}

/** Returns the command, as a list of words, that runs the tool which the npm package `name` brings. */
export function tool(name, ...args) {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const script = typeof bin === 'string' ? bin : Object.values(bin)[0]
  return [process.execPath, join(folder, script), ...args]
}

/** Returns the command that runs npm: the very npm that was asked to run this, where there is one. */
export function npm(...args) {
  const script = process.env.npm_execpath
  return script === undefined ? ['npm', ...args] : [process.execPath, script, ...args]
}
