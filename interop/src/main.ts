/** `npm run interop`: groups of rumormill and of the crate, and what reached whom. Fails when anything was lost or came twice. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Command } from '@commander-js/extra-typings'
import { benchmark } from './benchmark.ts'
import { MixedGroup } from './mixed-group.ts'
import { ROUND_MS } from './member.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

const SETTLE_MS = 60_000
/** What comes twice comes soon after. */
const AFTER_MS = 5 * ROUND_MS

new Command('interop')
  .description('Runs groups of rumormill nodes and nodes of the Rust crate gossip 0.0.3.')
  .option('--seed <number>', 'decides the contents', Number, 1)
  .option('--bench', 'instead, eight nodes of the crate against eight of rumormill on the same work')
  .option('--json', 'one object per line instead of a table')
  .action(async ({ seed, bench, json }) => {
    if (!built(json === true)) return
    if (bench === true) return benchmark(json === true)
    let failed = 0
    for (const scenario of SCENARIOS) if (!(await run(scenario, seed, json === true))) failed++
    if (json !== true) console.log(`\n${SCENARIOS.length - failed} passed, ${failed} failed`)
    process.exitCode = failed === 0 ? 0 : 1
  })
  .parse()

/** Whether there is a node of the crate to run. Without Rust there is none, and nothing was tried. */
function built(json: boolean): boolean {
  const say = (text: string): void => console.log(json ? JSON.stringify({ skipped: text }) : text)
  if (spawnSync('cargo', ['--version']).status !== 0) {
    say('skipped: cargo, the tool of Rust, is not installed')
    return false
  }
  if (!json) console.log('Building the crate\'s node ...')
  const cwd = fileURLToPath(new URL('../crate-node', import.meta.url))
  const { status } = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    process.exitCode = 1
    say('The crate\'s node could not be built.')
  }
  return status === 0
}

async function run({ name, nodesEach, expiration, act }: Scenario, seed: number, json: boolean): Promise<boolean> {
  const group = await MixedGroup.start(nodesEach, expiration, seed)
  try {
    await act(group)
    const tookMs = await group.settle(SETTLE_MS)
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS))
    const tallies = group.tally()
    const fine = tallies.every(({ expected, delivered, duplicates }) => expected === delivered && duplicates === 0)
    if (json) console.log(JSON.stringify({ scenario: name, nodesEach, tookMs, fine, tallies }))
    else {
      const time = Number.isFinite(tookMs) ? `all after ${(tookMs / 1000).toFixed(1)} s` : `not all in ${SETTLE_MS / 1000} s`
      console.log(`\n${fine ? 'passed' : 'FAILED'}  ${nodesEach} + ${nodesEach}: ${name} | ${time}`)
      for (const { from, to, expected, delivered, duplicates } of tallies) {
        if (expected === 0) continue
        console.log(`        ${from} to ${to}: expected ${expected}, delivered ${delivered}, lost ${expected - delivered}, duplicates ${duplicates}`)
      }
    }
    return fine
  } finally {
    await group.stop()
  }
}
