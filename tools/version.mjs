/**
 * `node tools/version.mjs`: turns the changesets into versions, and brings package-lock.json up to date. CI runs it for the
 * pull request of a release.
 *
 * Changesets gives whatever has a peer dependency a major version when that dependency gets more than a patch, so that
 * any new feature would make 1.0.0 out of 0.1.0. All packages are released together under one version, so nobody is left
 * behind: while Changesets decides, peer dependencies within the project accept every version.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, publishedPackages, root, tool } from './tool.mjs'

setPeerRanges(() => '*')
const versioned = run(tool('@changesets/cli', 'version'))
setPeerRanges((versions, name) => `^${versions.get(name)}`)
if (!versioned || !run(npm('install', '--package-lock-only', '--no-audit', '--no-fund')))
  process.exitCode = 1

/** Writes what `rangeOf` returns as the range of each peer dependency on another package of the project. */
function setPeerRanges(rangeOf) {
  const packages = publishedPackages()
  const versions = new Map(packages.map(({ name, version }) => [name, version]))
  for (const { folder } of packages) {
    const file = join(folder, 'package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    const peers = manifest.peerDependencies ?? {}
    for (const name of Object.keys(peers))
      if (versions.has(name)) peers[name] = rangeOf(versions, name)
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
  }
}

function run([file, ...args]) {
  return spawnSync(file, args, { cwd: root, stdio: 'inherit' }).status === 0
}
