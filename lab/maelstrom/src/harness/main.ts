/**
 * `npm run lab -- maelstrom`: runs Maelstrom's broadcast workload on real processes, with its network, nemesis and checker.
 *
 * It is not Maelstrom itself, which needs Java, but follows its description, so that the node can be measured anywhere.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { median, quantile } from '@rumormill/harness/quantile'
import { createRng } from '@rumormill/protocol/plugin'
import { check, type Add, type Read } from './checker.ts'
import { startNemesis } from './nemesis.ts'
import { Network } from './network.ts'

const INIT_MS = 10_000
const CLIENT_MS = 5000
const FINAL_WAIT_MS = 10_000

const options = new Command('npm run lab -- maelstrom')
  .description(
    'Runs the broadcast workload of Maelstrom on real processes, and checks that no value is lost or delivered twice.'
  )
  .option('--nodes <number>', 'number of processes', atLeast(1), 25)
  .option('--rate <number>', 'operations per second', atLeast(1), 100)
  .option('--seconds <number>', 'duration of the load', atLeast(1), 20)
  .option('--latency <ms>', 'one-way latency of the network', atLeast(0), 100)
  .option('--loss <share>', 'share of lost messages, 0 to 1', atLeast(0), 0)
  .addOption(
    new Option('--nemesis <fault>', 'faults of the network')
      .choices(['none', 'partition'] as const)
      .default('none' as const)
  )
  .option('--seed <number>', 'seed of all random choices', atLeast(0), 1)
  .option('--json', 'print one JSON object')
  .parse()
  .opts()

const rng = createRng(options.seed)
const submittedMs = new Map<number, number>()
const latenciesMs: number[] = []
const network = new Network({
  nodes: options.nodes,
  delayMs: options.latency,
  loss: options.loss,
  rng: rng.fork(),
  delivered: (value, atMs) => latenciesMs.push(atMs - submittedMs.get(value)!)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void network.stop().then(() => process.exit(130)))
}
try {
  await run()
} finally {
  await network.stop()
}

async function run(): Promise<void> {
  const { names } = network
  // Waits until all processes run before the first one starts to gossip; the answers do not matter.
  await Promise.all(names.map((node) => network.ask(node, { type: 'echo' }, INIT_MS)))
  await Promise.all(
    names.map((node) =>
      network.ask(node, { type: 'init', node_id: node, node_ids: names }, INIT_MS)
    )
  )
  await Promise.all(
    names.map((node) => network.ask(node, { type: 'topology', topology: {} }, CLIENT_MS))
  )
  const adds: Add[] = []
  const reads: Read[] = []
  const operations: Promise<void>[] = []
  const endNemesis = options.nemesis === 'partition' ? startNemesis(network, rng.fork()) : () => {}
  const beganMs = performance.now()
  const count = options.rate * options.seconds
  for (let operation = 0; operation < count; operation++) {
    await delay(Math.max(0, beganMs + (operation * 1000) / options.rate - performance.now()))
    const node = names[operation % names.length]!
    operations.push(rng.below(2) === 0 ? broadcast(node, adds) : read(node, reads))
    if (operation % options.rate === 0 && process.stderr.isTTY)
      process.stderr.write(`\r${operation} of ${count} operations `)
  }
  await Promise.all(operations)
  endNemesis()
  await delay(FINAL_WAIT_MS)
  await Promise.all(names.map((node) => read(node, reads)))
  report(adds, reads, count + names.length)
}

async function broadcast(node: string, adds: Add[]): Promise<void> {
  const value = submittedMs.size
  const invokedMs = performance.now()
  submittedMs.set(value, invokedMs)
  const reply = await network
    .ask(node, { type: 'broadcast', message: value }, CLIENT_MS)
    .catch(() => undefined)
  // A definite refusal is not an add.
  if (reply?.type === 'error') return
  adds.push({ value, invokedMs, ackedMs: reply === undefined ? undefined : performance.now() })
}

async function read(node: string, reads: Read[]): Promise<void> {
  const invokedMs = performance.now()
  const reply = await network.ask(node, { type: 'read' }, CLIENT_MS).catch(() => undefined)
  if (reply === undefined) return
  reads.push({ invokedMs, completedMs: performance.now(), values: reply['messages'] as number[] })
}

function report(adds: readonly Add[], reads: readonly Read[], operations: number): void {
  const { lost, neverRead, duplicated, stable, stale, stableLatenciesMs } = check(adds, reads)
  const figures = {
    operations,
    values: adds.length,
    lost: lost.length,
    neverRead: neverRead.length,
    duplicated: duplicated.length,
    stable,
    stale,
    messagesPerOperation: network.sent / operations,
    medianMs: median(latenciesMs),
    p99Ms: quantile(latenciesMs, 0.99),
    mostMs: quantile(latenciesMs, 1),
    stableMedianMs: median(stableLatenciesMs),
    stableMostMs: quantile(stableLatenciesMs, 1),
    harnessLateP99Ms: quantile(network.latenessMs, 0.99),
    complaints: network.complaints
  }
  const isValid =
    lost.length === 0 && duplicated.length === 0 && stable > 0 && network.complaints.length === 0
  if (options.json)
    process.stdout.write(`${JSON.stringify({ seed: options.seed, isValid, ...figures })}\n`)
  else {
    const rounded = (value: number): string => value.toFixed(1)
    process.stdout.write(
      `${isValid ? 'valid' : 'INVALID'}: ${adds.length} values, lost ${lost.length}, never read ${neverRead.length}, duplicated ${duplicated.length}, stable ${stable}, of these stale ${stale}\n`
    )
    for (const complaint of network.complaints.slice(0, 10)) process.stdout.write(`${complaint}\n`)
    process.stdout.write(
      `this process was late by ${rounded(figures.harnessLateP99Ms)} ms at p99\n`
    )
    console.table({
      measured: {
        'messages per operation': rounded(figures.messagesPerOperation),
        'median ms': rounded(figures.medianMs),
        'most ms': rounded(figures.mostMs)
      },
      'by reads': {
        'messages per operation': '',
        'median ms': rounded(figures.stableMedianMs),
        'most ms': rounded(figures.stableMostMs)
      },
      'challenge 3d': {
        'messages per operation': '< 30',
        'median ms': '< 400',
        'most ms': '< 600'
      },
      'challenge 3e': {
        'messages per operation': '< 20',
        'median ms': '< 1000',
        'most ms': '< 2000'
      }
    })
  }
  process.exitCode = isValid ? 0 : 1
}

/** Returns a parser of numbers of at least `least`. */
function atLeast(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (text.trim() === '' || !(number >= least && number < Infinity))
      throw new InvalidArgumentError(`Give a number of ${least} or more.`)
    return number
  }
}
