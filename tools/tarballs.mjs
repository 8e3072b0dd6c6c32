/** Tarballs of the published packages, and how a project outside installs from them. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { npm, publishedPackages, root } from './tool.mjs'

/** Packs all published packages into `folder`. Returns, for each, its package.json, the path of its tarball and its size in bytes. */
export async function packInto(folder) {
  const packages = publishedPackages()
  const folders = packages.map((each) => each.folder)
  const [file, ...args] = npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder)
  const { stdout } = await promisify(execFile)(file, [...args, ...folders], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024
  })
  // A list in npm 10 and 11, an object by package name after that.
  const packed = new Map(Object.values(JSON.parse(stdout)).map((each) => [each.name, each]))
  return packages.map((manifest) => {
    const { filename, size } = packed.get(manifest.name)
    return { manifest, file: join(folder, filename), bytes: size }
  })
}

/**
 * What a project needs to install the packages `names` from tarballs: the words after the package manager's name, and files
 * to write first. pnpm and Yarn look on the registry for what a tarball depends on, unless they are told where it is.
 */
export function installation(manager, tarballs, names) {
  const all = tarballs.filter(({ manifest }) =>
    withDependencies(tarballs, names).has(manifest.name)
  )
  const inner = all.filter(({ manifest }) => !names.includes(manifest.name))
  const direct = all.filter(({ manifest }) => names.includes(manifest.name))
  const places = Object.fromEntries(
    inner.map(({ manifest, file }) => [manifest.name, `file:${file}`])
  )
  if (manager === 'npm') return { words: ['install', ...all.map(({ file }) => file)], files: {} }
  if (manager === 'pnpm') {
    const lines = Object.entries(places).map(([name, place]) => `  '${name}': '${place}'\n`)
    return {
      words: ['add', ...direct.map(({ file }) => file)],
      files: { 'pnpm-workspace.yaml': `overrides:\n${lines.join('')}` }
    }
  }
  return {
    words: ['add', ...direct.map(({ manifest, file }) => `${manifest.name}@file:${file}`)],
    files: { 'package.json': { resolutions: places } }
  }
}

/** `names` and all packages of the project that those need, directly or not. */
function withDependencies(tarballs, names) {
  const found = new Set(names)
  for (const name of found) {
    const { manifest } = tarballs.find((each) => each.manifest.name === name) ?? {}
    if (manifest === undefined) throw new Error(`${name} is not among the published packages`)
    const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    for (const each of needed)
      if (tarballs.some((tarball) => tarball.manifest.name === each)) found.add(each)
  }
  return found
}
