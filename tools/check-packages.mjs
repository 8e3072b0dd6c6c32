/** Packs every package that is published, and checks the tarball as its users get it: with publint and attw. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
    console.log(
      `${name}: ${packed.files.length} files, ${Math.ceil(packed.size / 1024)} KiB packed`
    )
  } catch (error) {
    console.error(`${name}: FAILED\n${error.stdout ?? ''}${error.stderr ?? error.stack}`)
    process.exitCode = 1
  }
}

const execute = promisify(execFile)

function run([file, ...args]) {
  return execute(file, args, { cwd: root })
}

await main()
