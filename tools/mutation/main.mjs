/**
 * `npm run lab -- mutate`: breaks the code in a seeded sample of places, one at a time, and lists the mutants that no test
 * noticed. Exit code 1 when too few of them were noticed.
 */

import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { root } from '../tool.mjs'
import { drawSample, linesOf } from './mutants.mjs'
import { NOT_SAMPLED } from './sample.mjs'
import { countNoticed } from './survivors.mjs'

const PACKAGES = [
  'protocol',
  'codec-binary',
  'codec-json',
  'stream-transport',
  'transport-tcp',
  'transport-libp2p',
  'storage-level'
]
/** Inside the checkout, so that the copies find the packages in node_modules. */
const SANDBOX = 'tools/mutation/sandbox'
const PLUGINS = ['sample.mjs', 'survivors.mjs'].map((name) => join(root, 'tools', 'mutation', name))
const HELP = `Usage: npm run lab -- mutate [options] [packages...]

Breaks the code in a seeded sample of places, one at a time, and lists the breaks that no test noticed.
Texts of several words are left as they are.
Packages: ${PACKAGES.join(', ')} (default: all).

Options:
  --count <number>  size of the sample (default: 200; about half an hour)
  --seed <number>   decides which places are in the sample (default: 1)
  --least <percent> how many must be noticed (default: 90)
  --quick           without the tests of groups that live through faults
  -h, --help        display help for command`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    least: { type: 'string', default: '90' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false }
  }
})
const unknown = positionals.filter((name) => !PACKAGES.includes(name))
if (options.help) console.log(HELP)
else if (unknown.length > 0 || !/^[1-9]\d*$/.test(options.count)) {
  const what =
    unknown.length > 0
      ? `There is no package ${unknown.join(', ')}`
      : '--count must be a positive integer'
  console.error(`${what}; --help says more.`)
  process.exitCode = 2
} else await main()

async function main() {
  const names = positionals.length > 0 ? positionals : PACKAGES
  process.chdir(root)
  process.env.MUTATED = names.join(',')
  if (options.quick) process.env.MUTATED_QUICK = '1'
  const sample = await drawSample(names, options.seed, Number(options.count))
  const stryker = new Stryker({
    mutate: [...new Set(sample.map(linesOf))],
    testRunner: 'vitest',
    vitest: { configFile: 'tools/mutation/vitest.config.mjs', related: false },
    plugins: ['@stryker-mutator/vitest-runner', ...PLUGINS],
    checkers: ['sample'],
    sample: sample.map(({ key }) => key),
    coverageAnalysis: 'perTest',
    // Code that runs once, when its file is loaded, is covered by no test in particular.
    ignoreStatic: true,
    concurrency: availableParallelism(),
    reporters: ['progress-append-only', 'survivors'],
    tempDirName: SANDBOX,
    ignorePatterns: ['**/dist', 'docs/site', 'packed', '.turbo', 'tools/report'],
    timeoutMS: 30_000,
    dryRunTimeoutMinutes: 15,
    disableTypeChecks: false,
    // Stryker would rewrite it with an interface of TypeScript that version 7 does not have; vitest does not read it.
    tsconfigFile: 'none',
    warnings: { unknownOptions: false, slow: false }
  })
  try {
    report(await stryker.runMutationTest())
  } finally {
    rmSync(join(root, SANDBOX), { recursive: true, force: true })
  }
}

function report(mutants) {
  const sampled = mutants.filter(({ statusReason }) => statusReason !== NOT_SAMPLED)
  const { noticed, unnoticed } = countNoticed(sampled)
  const all = noticed + unnoticed
  const share = (100 * noticed) / all
  console.log(`seed ${options.seed}: ${share.toFixed(1)} % of ${all} mutants killed`)
  const isEnough = share >= Number(options.least)
  console.log(`${isEnough ? 1 : 0} passed, ${isEnough ? 0 : 1} failed`)
  process.exitCode = isEnough ? 0 : 1
}
