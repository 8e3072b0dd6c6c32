/** `npm run lab -- interop`: runs mixed groups of rumormill and the crate. Fails when an update was lost or delivered twice. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Command } from '@commander-js/extra-typings'
import { benchmark } from './benchmark.ts'
import { ROUND_MS } from './member.ts'
import { MixedGroup, type DeliveryCount } from './mixed-group.ts'
import { SCENARIOS, type Finding, type Scenario } from './scenarios.ts'

/** How long to wait for duplicates after the last delivery. */
const AFTER_MS = 5 * ROUND_MS

new Command('npm run lab -- interop')
  .description('Runs groups of rumormill nodes and nodes of the Rust crate gossip 0.0.3.')
  .option('--seed <number>', 'the seed of the contents', Number, 1)
  .option(
    '--bench',
    'compare eight nodes of the crate with eight of rumormill on the same work instead'
  )
  .option('--json', 'print one JSON object per line instead of a table')
  .action(async ({ seed, bench, json }) => {
    if (!built(json === true)) return
    if (bench === true) return benchmark(json === true)
    let failed = 0
    for (const scenario of SCENARIOS) if (!(await run(scenario, seed, json === true))) failed++
    if (json !== true) console.log(`\n${SCENARIOS.length - failed} passed, ${failed} failed`)
    process.exitCode = failed === 0 ? 0 : 1
  })
  .parse()

/** Builds the node of the crate. Returns false if Rust is not installed or the build fails. */
function built(json: boolean): boolean {
  const say = (text: string): void => console.log(json ? JSON.stringify({ skipped: text }) : text)
  if (spawnSync('cargo', ['--version']).status !== 0) {
    say('skipped: cargo (the build tool of Rust) is not installed')
    return false
  }
  if (!json) console.log("Building the crate's node ...")
  const cwd = fileURLToPath(new URL('../crate-node', import.meta.url))
  const { status } = spawnSync('cargo', ['build', '--release', '--locked', '--quiet'], {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit']
  })
  if (status !== 0) {
    process.exitCode = 1
    say("The crate's node could not be built.")
  }
  return status === 0
}

async function run(
  { name, nodesEach, expiration, act }: Scenario,
  seed: number,
  json: boolean
): Promise<boolean> {
  const group = await MixedGroup.start(nodesEach, expiration, seed)
  try {
    const { tookMs, findings } = await act(group)
    await new Promise((resolve) => setTimeout(resolve, AFTER_MS))
    const [deliveries, { refused }] = [group.deliveryCounts(), group]
    const fine =
      refused === 0 &&
      deliveries.some(({ expected }) => expected > 0) &&
      deliveries.every(
        ({ expected, delivered, duplicates }) => expected === delivered && duplicates === 0
      ) &&
      findings.every(({ expected, found }) => expected === found)
    if (json)
      console.log(
        JSON.stringify({ scenario: name, nodesEach, tookMs, fine, refused, deliveries, findings })
      )
    else
      print(
        `${fine ? 'passed' : 'FAILED'}  ${nodesEach} + ${nodesEach}: ${name}`,
        tookMs,
        refused,
        deliveries,
        findings
      )
    return fine
  } finally {
    await group.stop()
  }
}

function print(
  title: string,
  tookMs: number,
  refused: number,
  deliveries: readonly DeliveryCount[],
  findings: readonly Finding[]
): void {
  console.log(
    `\n${title} | ${Number.isFinite(tookMs) ? `all after ${(tookMs / 1000).toFixed(1)} s` : 'not all in time'}`
  )
  if (refused > 0) console.log(`        ${refused} updates were not accepted`)
  for (const { from, to, expected, delivered, duplicates } of deliveries) {
    if (expected === 0) continue
    console.log(
      `        ${from} to ${to}: expected ${expected}, delivered ${delivered}, lost ${expected - delivered}, duplicates ${duplicates}`
    )
  }
  for (const { what, expected, found } of findings)
    console.log(`        ${what}: expected ${expected}, found ${found}`)
}
