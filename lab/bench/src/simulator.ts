/**
 * Measures time and memory of simulated nodes for growing groups: the CPU time of one node for one cycle, both sides of its
 * exchange included, and its memory.
 *
 * Run: `node dist/simulator.js [--json] [--nodes 1000,10000,100000] [--cycles 20] [--hardened]`. The goal is 10^5 nodes for 100 cycles
 * in a minute on one core: `--nodes 100000 --cycles 100`.
 */

import { parseArgs } from 'node:util'
import { collectGarbage, cpuMicros } from '@rumormill/harness/process-usage'
import { CycleGroup, distributionOf, inDegrees } from '@rumormill/simulator'
import { printClaim } from './claim.ts'

const VIEW_SIZE = 30
const LARGE = 100_000

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '1000,10000,100000' },
    cycles: { type: 'string', default: '20' },
    hardened: { type: 'boolean', default: false },
    // Accepted by all benchmarks; a simulated run needs no repetition.
    rounds: { type: 'string' }
  }
})

for (const nodes of values.nodes.split(',').map(Number)) {
  const result = measure(nodes, Number(values.cycles))
  print(result)
  if (nodes !== LARGE) continue
  const seconds = (result['cpuMicrosPerStep']! * LARGE * 100) / 1e6
  printClaim(
    {
      row: 'h1',
      what: 'seconds of CPU for 100 cycles of 100,000 simulated nodes',
      figure: seconds,
      better: 'less',
      goal: 60,
      extreme: 30
    },
    values.json
  )
  printClaim(
    {
      row: 'h2',
      what: 'bytes of view per simulated node',
      figure: result['viewBytesPerNode']!,
      better: 'less',
      goal: 500,
      extreme: 270
    },
    values.json
  )
}

function measure(nodes: number, cycles: number): Record<string, number> {
  const before = heapBytes()
  const group = new CycleGroup({
    seed: 1,
    membership: {
      push: true,
      pull: true,
      selection: 'rand',
      viewSize: VIEW_SIZE,
      healing: 3,
      swapping: 12,
      exchangeSize: 14,
      hardened: values.hardened
    }
  })
  for (let node = 0; node < nodes; node++) group.add()
  const empty = heapBytes()
  for (let node = 0; node < nodes; node++) {
    group.introduce(
      node,
      Array.from({ length: VIEW_SIZE }, () => group.rng.below(nodes)).filter(
        (other) => other !== node
      )
    )
  }
  const cpuBefore = cpuMicros()
  const beganMs = performance.now()
  for (let cycle = 0; cycle < cycles; cycle++) group.cycle()
  const seconds = (performance.now() - beganMs) / 1000
  const cpuMicrosPerStep = (cpuMicros() - cpuBefore) / nodes / cycles
  return {
    nodes,
    cycles,
    seconds,
    cpuMicrosPerStep,
    bytesPerNode: (empty - before) / nodes,
    viewBytesPerNode: (heapBytes() - empty) / nodes,
    inDegreeSd: distributionOf(inDegrees(group.overlay().overlay)).sd
  }
}

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function print(result: Record<string, number>): void {
  if (values.json) return console.log(JSON.stringify({ benchmark: 'simulator', ...result }))
  console.log(
    `${result['nodes']} nodes x ${result['cycles']} cycles: ${result['seconds']!.toFixed(1)} s, ` +
      `${result['cpuMicrosPerStep']!.toFixed(1)} us of CPU per node and cycle, ` +
      `${result['bytesPerNode']!.toFixed(0)} bytes per node and ${result['viewBytesPerNode']!.toFixed(0)} for its view`
  )
}
