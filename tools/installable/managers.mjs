/** The example of the README, in an empty project, from the tarballs alone: with npm, pnpm and Yarn. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  greetEachOther,
  importedPackages,
  readmeExample,
  readmeInstalls
} from '../readme-example.mjs'
import { installation } from '../tarballs.mjs'
import { npm } from '../tool.mjs'
import { check, skip } from './checks.mjs'
import { install, newProject, run } from './project.mjs'

/** The last pnpm that is plain JavaScript and runs on Node 20, and the Yarn that has Plug'n'Play. */
const PNPM = 'pnpm@10'
const YARN = '@yarnpkg/cli-dist@4'
/** How Node finds modules without node_modules. */
const PLUG_N_PLAY = ['--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs']

/** Each manager gets only the packages that the example imports: what those do not declare, it must not find. */
export async function inManagers(folder, tarballs) {
  await check('the README installs what its example imports', () => {
    const [imported, installed] = [importedPackages(readmeExample()), readmeInstalls()]
    const same =
      imported.length === installed.length && imported.every((name) => installed.includes(name))
    if (!same) throw new Error(`imported: ${imported.join()}; installed: ${installed.join()}`)
  })
  await greet(folder, tarballs, 'npm', (words) => npm(...words))
  const pnpm = await fetched(folder, PNPM, 'pnpm/bin/pnpm.cjs')
  if (pnpm !== undefined) {
    const env = { npm_config_store_dir: join(folder, 'pnpm-store') }
    await greet(folder, tarballs, 'pnpm', (words) => [...pnpm, ...words], env)
  }
  const yarn = await fetched(folder, YARN, '@yarnpkg/cli-dist/bin/yarn.js')
  if (yarn !== undefined)
    await greet(
      folder,
      tarballs,
      'yarn',
      (words) => [...yarn, ...words],
      await yarnSettings(folder)
    )
}

async function greet(folder, tarballs, manager, command, env) {
  const project = newProject(join(folder, `by-${manager}`))
  const installed = await check(`install with ${manager}`, () => {
    const { words, files } = installation(manager, tarballs, importedPackages(readmeExample()))
    const { 'package.json': more, ...others } = files
    newProject(project, more)
    // Without a lock file of its own, Yarn looks for a project further up.
    if (manager === 'yarn') others['yarn.lock'] = ''
    for (const [name, content] of Object.entries(others))
      writeFileSync(join(project, name), content)
    return run(project, command(words), env)
  })
  if (!installed) return
  await check(`the README's example, installed with ${manager}`, () =>
    greetEachOther(project, manager === 'yarn' ? PLUG_N_PLAY : [])
  )
}

/** The command of a package manager that npm installs. It counts as skipped where npm cannot have it. */
async function fetched(folder, name, script) {
  const home = newProject(join(folder, 'managers', name.replaceAll(/\W/g, '-')))
  try {
    await install(home, '--ignore-scripts', name)
    return [process.execPath, join(home, 'node_modules', script)]
  } catch (error) {
    const [reason = error.message] = /npm error (?!code).+/.exec(error.stderr ?? '') ?? []
    skip(`the README's example with ${name}`, reason.replace('npm error ', ''))
  }
}

/** Yarn asks the registry that npm asks, keeps its files to this folder, and counts nobody. */
async function yarnSettings(folder) {
  const { stdout } = await run(folder, npm('config', 'get', 'registry'))
  return {
    YARN_NPM_REGISTRY_SERVER: stdout.trim(),
    YARN_GLOBAL_FOLDER: join(folder, 'yarn-global'),
    YARN_ENABLE_TELEMETRY: '0'
  }
}
