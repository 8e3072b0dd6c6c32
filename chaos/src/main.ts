/** `npm run lab -- chaos`: the acceptance list, one line per row; exit code 1 when a row fails. */

import { Command } from '@commander-js/extra-typings'
import { integer } from './integer.ts'
import { runRow } from './run-row.ts'
import { textOf, type Line } from './verdict.ts'

const options = new Command('npm run lab -- chaos')
  .description('Runs the acceptance list: what a group of nodes survives.')
  .option('--row <number>', 'only this row', integer)
  .option('--seed <number>', 'decides what chance decides', integer, 1)
  .option('--minutes <number>', 'how long the soak takes', integer, 60)
  .option('--short', 'less of everything: all rows in some five minutes')
  .option('--json', 'one object per line')
  .option(
    '--faults',
    'puts faults into the engine, one at a time, and shows which row catches each'
  )
  .parse()
  .opts()

const { row: only, seed, minutes, short = false, json = false, faults = false } = options

// After the options, so that help does not wait for every row.
const { rows } = await import('./rows.ts')
const numbers = rows.map(({ number }) => number).sort((a, b) => a - b)
if (only !== undefined && !numbers.includes(only)) {
  process.stderr.write(`There is no row ${only}; there are ${numbers.join(', ')}.\n`)
  process.exit(2)
}

// Whoever reads may have seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

if (faults) {
  const { runFaults } = await import('./run-faults.ts')
  process.exit((await runFaults(seed)) === 0 ? 0 : 1)
}

const lines: Line[] = []
const wanted = only === undefined ? numbers : [only]
// What is shortened runs two rows at a time, for most of them mostly wait; full figures are taken undisturbed.
const isAlone = (number: number): boolean =>
  !short || rows.find((row) => row.number === number)?.alone === true
await runAll(wanted.filter(isAlone), 1)
await runAll(
  wanted.filter((number) => !isAlone(number)),
  2
)
if (!json) process.stdout.write(`${totals()}\n`)

/** Runs rows, so many at once, and prints each in its turn. */
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
  if (line.verdict !== 'failed') return
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
  const count = (verdict: Line['verdict']): number =>
    lines.filter((line) => line.verdict === verdict).length
  return `${count('passed')} rows passed, ${count('failed')} failed, ${count('missed')} missed a figure, ${count('skipped')} skipped`
}
