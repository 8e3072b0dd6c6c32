/** `npm run simulate`: runs named scenarios, and prints tables, lines of JSON and plots. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command } from '@commander-js/extra-typings'
import { shareOfOne, integer } from '@rumormill/harness/arguments'
import { endWithReader, printTable, showProgress } from '@rumormill/harness/terminal'
import { attackScenarios } from './attacks.ts'
import { overlayScenarios } from './overlays.ts'
import { sampleScenarios } from './samples.ts'
import type { ScenarioResult } from './scenario.ts'
import { spreadScenarios } from './spreads.ts'

const SCENARIOS = [...overlayScenarios, ...spreadScenarios, ...sampleScenarios, ...attackScenarios]

/** Fewer nodes are no group; more than ten million do not fit into one process. */
const MIN_NODES = 3
const MAX_NODES = 10_000_000

const program = new Command('npm run simulate --')
  .description('Runs thousands of production engines in virtual time.')
  .addArgument(
    new Argument('<scenario>', 'the scenario').choices(SCENARIOS.map(({ name }) => name))
  )
  .addHelpText(
    'after',
    `\nScenarios:\n${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}`
  )
  .option('--nodes <number>', 'the number of nodes', integer, 1000)
  .option('--seed <number>', 'the seed, which determines the whole run', integer, 1)
  .option('--share <share>', 'hub-attack: the share of the nodes that attack', shareOfOne, 0.05)
  .option(
    '--pushes <number>',
    'hub-attack: view exchanges that each attacker opens per cycle',
    integer,
    1
  )
  .option('--hardened', 'harden all nodes except attackers')
  .option('--json', 'print one JSON object per line instead of a table')
  .option('--svg <folder>', 'write a plot of each column to this folder')
  .action(async (name, { nodes, seed, share, pushes, hardened = false, json, svg }) => {
    if (nodes < MIN_NODES || nodes > MAX_NODES)
      program.error(`error: --nodes must be ${MIN_NODES} to ${MAX_NODES}`)
    const progress = showProgress(json === true || !process.stderr.isTTY)
    const scenario = SCENARIOS.find((each) => each.name === name)!
    const result = scenario.run({ nodes, seed, share, pushes, hardened, progress: progress.show })
    progress.clear()
    if (json === true)
      for (const row of result.rows)
        process.stdout.write(`${JSON.stringify(asObject(result, row))}\n`)
    else
      printTable(
        result.columns,
        result.rows.map((row) => row.map(figure))
      )
    if (svg !== undefined) await writePlots(svg, name, result)
    for (const complaint of result.complaints) process.stderr.write(`${complaint}\n`)
    if (result.complaints.length > 0) {
      const attack = name === 'hub-attack' ? ` --share ${share} --pushes ${pushes}` : ''
      const all = `${name} --nodes ${nodes} --seed ${seed}${attack}${hardened ? ' --hardened' : ''}`
      process.stderr.write(`Again: npm run simulate -- ${all}\n`)
      process.exitCode = 1
    }
  })

function asObject({ columns }: ScenarioResult, row: readonly number[]): Record<string, number> {
  return Object.fromEntries(columns.map((column, index) => [column, row[index]!]))
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}

/** Writes one plot for each column, over the first column. */
async function writePlots(
  folder: string,
  name: string,
  { columns, rows }: ScenarioResult
): Promise<void> {
  const { svgOf } = await import('@rumormill/harness/plot')
  mkdirSync(folder, { recursive: true })
  const [x, ...others] = columns
  others.forEach((y, index) => {
    const points = rows.map((row) => [row[0]!, row[index + 1]!] as const)
    const id = `${name}-${y.replaceAll(/[^a-z]+/g, '-').replace(/-$/, '')}`
    const plot = { id, title: `${name}: ${y}`, x: x!, y, ours: [{ name, points }], paper: [] }
    writeFileSync(join(folder, `${id}.svg`), svgOf(plot))
  })
}

endWithReader()
await program.parseAsync()
