/**
 * Compares trees with flooding in the simulator: the same group, links of 10 to 50 ms, ten nodes submitting in turn.
 *
 * The first update of a tree is sent over all links, which is flooding. Later ones are sent along the tree. Run:
 * `node dist/trees.js [--json] [--nodes 1000] [--updates 40]`; rows b2a and b2b.
 */

import { parseArgs } from 'node:util'
import { median } from '@rumormill/harness/quantile'
import { simulate } from '@rumormill/simulator'
import { printClaim } from './claim.ts'

const SUBMITTERS = 10
const GAP_MS = 40
const BEGIN_MS = 15_000
/** Small enough that the first update is pushed over all links instead of announced. */
const CONTENT_BYTES = 64

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    nodes: { type: 'string', default: '1000' },
    updates: { type: 'string', default: '40' },
    // Accepted by all benchmarks; a simulated run needs no repetition.
    rounds: { type: 'string' }
  }
})
const nodes = Number(values.nodes)
const updates = Number(values.updates) * SUBMITTERS
const { report } = simulate({
  nodes,
  seed: 1,
  durationMs: BEGIN_MS + updates * GAP_MS + 5000,
  network: { delayMs: (from, to) => 10 + ((from * 7919 + to * 104_729) % 4001) / 100 },
  antiEntropy: { periodMs: 1000 },
  app: () => ({ onUpdate: () => {} }),
  script: (stage) => {
    for (let update = 0; update < updates; update++) {
      const content = new Uint8Array(CONTENT_BYTES)
      new DataView(content.buffer).setUint32(0, update)
      stage.at(BEGIN_MS + update * GAP_MS, () =>
        stage.submit((update % SUBMITTERS) * Math.floor(nodes / SUBMITTERS), content)
      )
    }
  }
})
const lost = report.updates.filter(({ reached }) => reached < nodes).length
if (lost > 0) throw new Error(`${lost} updates did not reach all nodes`)
const [flooded, pushed] = [
  report.updates.slice(0, SUBMITTERS),
  report.updates.slice(SUBMITTERS)
].map((some) => median(some.map(({ lastMs }) => lastMs))) as [number, number]
const redundancy = report.contentsReceived / report.contentsDelivered - 1
if (values.json)
  console.log(
    JSON.stringify({
      benchmark: 'trees',
      nodes,
      updates,
      floodedMs: flooded,
      pushedMs: pushed,
      redundancy
    })
  )
printClaim(
  {
    row: 'b2a',
    what: `time to all of ${nodes} nodes down a tree, of flooding`,
    figure: pushed / flooded,
    better: 'less',
    goal: 1.3,
    extreme: 1.1
  },
  values.json
)
printClaim(
  {
    row: 'b2b',
    what: 'contents received in vain for each that was needed, trees growing included',
    figure: redundancy,
    better: 'less',
    goal: 0.2,
    extreme: 0.05
  },
  values.json
)
