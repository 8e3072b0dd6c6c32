/**
 * `npm run lab -- bench`: measures every claim in one run, each benchmark in its own process, and shows the baseline.
 *
 * Fails when a row is more than 15 % worse than the baseline. `--write` makes the run the baseline and writes the page.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Argument, Command } from '@commander-js/extra-typings'
import { gradeOf, limitsOf, rounded, type Claim } from './claim.ts'
import { pageOf } from './page.ts'
import { plotsOf, type Detail } from './plots.ts'

/** The benchmarks, with the arguments for `--smoke`, which runs all in a minute without meaningful figures. */
const BENCHMARKS: Readonly<Record<string, readonly string[]>> = {
  spread: ['--rounds=1', '--updates=100', '--idle-ms=300', '--warm-up-ms=200', '--rest-ms=200'],
  processes: ['--rounds=1', '--updates=200'],
  trees: ['--nodes=100', '--updates=10'],
  reconciliation: ['--updates=10000', '--nodes=16', '--trials=5'],
  codec: ['--rounds=1', '--slice-ms=2'],
  'transport-tcp': ['--rounds=1', '--share=0.1'],
  'transport-libp2p': ['--rounds=1'],
  digest: ['--rounds=1'],
  simulator: ['--nodes=1000,100000', '--cycles=2'],
  storage: ['--rounds=1', '--updates=200']
}

/** How much worse than the baseline a row may be, because other processes share the machine. */
const TOLERANCE = 0.15
const root = new URL('../../../', import.meta.url)
const baselineFile = new URL('lab/bench/baseline.json', root)

const all = Object.keys(BENCHMARKS)
const command = new Command('npm run lab -- bench')
  .description(
    'Measures every claim and compares it with the baseline, in about ten minutes. Fails when a row is 15 % worse.'
  )
  .addArgument(new Argument('[names...]', 'run only these benchmarks').choices(all))
  .option('--json', 'print one JSON object per line')
  .option('--smoke', 'run all in a minute, without meaningful figures')
  .option('--write', 'make the run the baseline, and write docs/performance.md')
  .parse()
const [names] = command.processedArgs
const { json = false, smoke = false, write = false } = command.opts()
if (write && (names.length > 0 || smoke)) {
  command.error('error: --write needs a complete run, without --smoke and names of benchmarks.')
}

const baseline = JSON.parse(readFileSync(baselineFile, 'utf8')) as Readonly<Record<string, number>>
const claims: Claim[] = []
const details: Detail[] = []
for (const name of names.length > 0 ? names : all) await run(name)
const worse = smoke ? [] : claims.filter(isWorse)
if (!json) console.table(Object.fromEntries(claims.map((claim) => [claim.row, cellsOf(claim)])))
if (smoke && !json)
  console.log(`${claims.length} rows; the run was too short for meaningful figures.`)
for (const { row, figure } of worse)
  console.error(
    `${row} is more than ${TOLERANCE * 100} % worse than the baseline: ${rounded(figure)}, was ${rounded(baseline[row]!)}`
  )
if (write) {
  writeFileSync(
    baselineFile,
    `${JSON.stringify(Object.fromEntries(claims.map(({ row, figure }) => [row, figure])), undefined, 2)}\n`
  )
  const { barChart } = await import('./plot.ts')
  const plots = plotsOf(claims, details)
  writeFileSync(new URL('docs/performance.md', root), pageOf(claims, plots))
  for (const { file, ...chart } of plots)
    writeFileSync(new URL(`docs/images/${file}`, root), barChart(chart))
} else if (worse.length > 0) process.exitCode = 1

async function run(name: string): Promise<void> {
  if (!json) console.log(`# ${name}`)
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  const child = spawn(process.execPath, [script, '--json', ...(smoke ? BENCHMARKS[name]! : [])], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const ended = once(child, 'exit') as Promise<[number | null]>
  for await (const line of createInterface(child.stdout)) {
    if (json) console.log(line)
    const { claim, ...detail } = JSON.parse(line) as { claim?: Claim }
    if (claim !== undefined) claims.push(claim)
    else {
      details.push(detail)
      if (!json)
        console.log(
          line.length > 400 ? `${Object.keys(detail).join(', ')}: too long, see --json` : line
        )
    }
  }
  const [code] = await ended
  if (code !== 0) process.exit(code ?? 1)
}

function isWorse({ row, figure, better }: Claim): boolean {
  const before = baseline[row]
  if (before === undefined) return false
  return better === 'more' ? figure < before * (1 - TOLERANCE) : figure > before * (1 + TOLERANCE)
}

function cellsOf(claim: Claim): Record<string, string> {
  const before = baseline[claim.row]
  const { what, figure } = claim
  return {
    what,
    figure: rounded(figure),
    ...limitsOf(claim),
    grade: gradeOf(claim),
    baseline: before === undefined ? '-' : rounded(before)
  }
}
