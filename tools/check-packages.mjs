/** Packs every package that is published, and checks the tarball as its users get it: with publint, attw and a look at its source maps. */

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { npm, publishedPackages, root, tool } from './tool.mjs'

const AT_ONCE = 2

async function main() {
  const target = mkdtempSync(join(tmpdir(), 'rumormill-pack-'))
  try {
    const waiting = publishedPackages().map(({ folder }) => folder)
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift())
        await check(folder, target)
    })
    await Promise.all(workers)
  } finally {
    rmSync(target, { recursive: true, force: true })
  }
}

async function check(folder, target) {
  const name = folder.slice(root.length + 1)
  try {
    const { stdout } = await run(
      npm('pack', '--json', '--ignore-scripts', '--pack-destination', target, folder)
    )
    const [packed] = Object.values(JSON.parse(stdout))
    const tarball = join(target, packed.filename)
    await run(tool('publint', 'run', tarball, '--strict'))
    await run(tool('@arethetypeswrong/cli', tarball, '--profile', 'esm-only', '--no-emoji'))
    checkMaps(folder, new Set(packed.files.map(({ path }) => path)))
    console.log(
      `${name}: ${packed.files.length} files, ${Math.ceil(packed.size / 1024)} KiB packed`
    )
  } catch (error) {
    console.error(`${name}: FAILED\n${error.stdout ?? ''}${error.stderr ?? error.stack}`)
    process.exitCode = 1
  }
}

/** Throws unless each source map that a packed file names is packed too, and holds its sources, which are not. */
function checkMaps(folder, packed) {
  const problems = []
  for (const path of packed) {
    if (!/\.[cm]?[jt]s$/.test(path)) continue
    const [, name] =
      /^\/\/# sourceMappingURL=(.+)$/m.exec(readFileSync(join(folder, path), 'utf8')) ?? []
    if (name === undefined) continue
    const map = join(dirname(path), name).replaceAll('\\', '/')
    if (!packed.has(map)) problems.push(`${path} names ${name}, which is not packed`)
    else if (!holdsSources(join(folder, map))) problems.push(`${map} does not hold its sources`)
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

function holdsSources(map) {
  const { sources, sourcesContent = [] } = JSON.parse(readFileSync(map, 'utf8'))
  return sources.every((_source, index) => typeof sourcesContent[index] === 'string')
}

const execute = promisify(execFile)

function run([file, ...args]) {
  return execute(file, args, { cwd: root })
}

await main()
