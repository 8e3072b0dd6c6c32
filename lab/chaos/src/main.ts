/** `npm run lab -- chaos`: runs the acceptance list and prints one line per row; exit code 1 when a row fails. */

import { Command } from '@commander-js/extra-typings'
import { integer } from '@rumormill/harness/arguments'
import { endWithReader } from '@rumormill/harness/terminal'
import { textOf, type Line } from './line.ts'
import { runRow } from './run-row.ts'

const options = new Command('npm run lab -- chaos')
  .description('Runs the acceptance list: groups of nodes under faults and attacks.')
  .option('--row <number>', 'run only this row', integer)
  .option('--seed <number>', 'the seed of all random choices', integer, 1)
  .option('--minutes <number>', 'the duration of the soak', integer, 60)
  .option('--short', 'run shorter forms: all rows in about five minutes')
  .option('--json', 'print one JSON object per line')
  .option(
    '--faults',
    'inject faults into the engine, one at a time, and show which row detects each'
  )
  .parse()
  .opts()

const { row: only, seed, minutes, short = false, json = false, faults = false } = options

// Imported after the options, so that help does not load every row.
const { rows } = await import('./rows.ts')
const numbers = rows.map(({ number }) => number).sort((a, b) => a - b)
if (only !== undefined && !numbers.includes(only)) {
  process.stderr.write(`There is no row ${only}; there are ${numbers.join(', ')}.\n`)
  process.exit(2)
}

endWithReader()

if (faults) {
  const { runFaults } = await import('./run-faults.ts')
  process.exit((await runFaults(seed)) === 0 ? 0 : 1)
}

const lines: Line[] = []
const selected = only === undefined ? numbers : [only]
// Short forms run two rows at a time, because most rows mostly wait; full forms run alone, so that their times are right.
const isAlone = (number: number): boolean =>
  !short || rows.find((row) => row.number === number)?.alone === true
await runAll(selected.filter(isAlone), 1)
await runAll(
  selected.filter((number) => !isAlone(number)),
  2
)
if (!json) process.stdout.write(`${totals()}\n`)

/** Runs rows, `atOnce` at a time, and prints them in order. */
async function runAll(some: readonly number[], atOnce: number): Promise<void> {
  const waiting = [...some]
  const unprinted = [...some]
  const done = new Map<number, Line>()
  const work = async (): Promise<void> => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      done.set(number, await lineFor(number))
      while (done.has(unprinted[0]!)) print(done.get(unprinted.shift()!)!)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

function print(line: Line): void {
  lines.push(line)
  process.stdout.write(`${json ? JSON.stringify(line) : textOf(line)}\n`)
  if (line.status !== 'failed') return
  process.stderr.write(
    `Again: npm run lab -- chaos --row ${line.row} --seed ${seed}${short ? ' --short' : ''}\n`
  )
  process.exitCode = 1
}

function lineFor(number: number): Promise<Line> {
  const row = rows.find((each) => each.number === number)!
  if (process.stderr.isTTY) process.stderr.write(`row ${number}: ${row.name} ...\n`)
  return runRow(row, { seed, short, minutes })
}

function totals(): string {
  const count = (status: Line['status']): number =>
    lines.filter((line) => line.status === status).length
  return `${count('passed')} rows passed, ${count('failed')} failed, ${count('missed')} missed a figure, ${count('skipped')} skipped`
}
