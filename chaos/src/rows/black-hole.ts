/** Row 29: a node that reaches nobody any more, and is told so by nobody. */
import { setTimeout as delay } from 'node:timers/promises'
import { Namespaces } from '../namespaces.ts'
import { ProcessGroup } from '../process-group.ts'
import type { Row, RowOptions, RowResult, Skip } from '../row.ts'

const FAR_NODES = 4
const ALONE = FAR_NODES
/** Tp of the preset `wan`, in which the pauses after failed dials are at home. */
const VIEW_PERIOD_MS = 5000
const RECOVERS_WITHIN_MS = 2 * VIEW_PERIOD_MS
/** By default. */
const MAX_DIALLING = 256
const MAX_RSS_BYTES = 8 * 2 ** 20

export const blackHole: Row = { number: 29, name: 'all peers unreachable', mode: 'X', run }

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const holeMs = short ? 20_000 : 300_000
  using namespaces = Namespaces.create()
  if (namespaces === undefined) return { skipped: 'needs root and `ip`, to make network namespaces' }
  const group = new ProcessGroup({ options: { preset: 'wan' } })
  try {
    const { near, far } = namespaces
    for (let node = 0; node < FAR_NODES; node++) await group.join(node, 0, far)
    await group.join(ALONE, 0, near)
    const all = [...group.members.keys()]
    group.submit(0)
    group.submit(ALONE)
    const lostBefore = await group.settle(all, [0, 1], 60_000)
    await delay(2000)
    const [{ rssBytes }, before] = await Promise.all([group.vitals(ALONE), group.connections(ALONE)])
    namespaces.swallow()
    let mostDialling = 0
    const endMs = performance.now() + holeMs
    for (let second = 0; performance.now() < endMs; second++) {
      if (second % 10 === 0) group.submit(second % 20 === 0 ? 0 : ALONE)
      mostDialling = Math.max(mostDialling, (await group.connections(ALONE)).dialling)
      await delay(1000)
    }
    const passed = group.submitted.length - 2 - group.missing([ALONE], group.submitted.map((_, id) => id)) - ofAlone(group)
    const [vitals, after] = await Promise.all([group.vitals(ALONE), group.connections(ALONE)])
    const healedMs = performance.now()
    namespaces.heal()
    const due = group.submitted.map((_, id) => id)
    const lost = await group.settle(all, due, 60_000)
    const recoveredMs = performance.now() - healedMs
    const grownBytes = vitals.rssBytes - rssBytes
    const dials = after.dialled - before.dialled
    const waits = after.refused['backing-off'] - before.refused['backing-off']
    return {
      load: `${FAR_NODES} processes and one alone, ${group.submitted.length} updates`,
      faults: `everything to and from the one vanishes for ${holeMs / 1000} s`, badInputs: 0,
      lost: lostBefore + lost, duplicates: group.duplicates(all),
      note: `at most ${mostDialling} dials at once, limit ${MAX_DIALLING}; ${((60_000 * dials) / holeMs).toFixed(0)} dials/min and ${((60_000 * waits) / holeMs).toFixed(0)} put off; `
        + `RSS +${(grownBytes / 2 ** 20).toFixed(1)} MiB; all is there ${(recoveredMs / 1000).toFixed(1)} s after the heal, limit ${RECOVERS_WITHIN_MS / 1000}`,
      complaints: [
        ...(passed === 0 ? [] : [`${passed} updates passed the hole`]),
        ...(dials > 0 && mostDialling <= MAX_DIALLING ? [] : [`${dials} dials, ${mostDialling} at once`]),
        ...(waits > 0 ? [] : ['no dial was put off']),
        ...(grownBytes <= MAX_RSS_BYTES ? [] : ['RSS has grown']),
        ...(recoveredMs <= RECOVERS_WITHIN_MS ? [] : ['it took long to recover'])
      ]
    }
  } finally {
    await group.stop()
  }
}

/** Updates of the lone node during the hole. */
function ofAlone(group: ProcessGroup): number {
  return group.submitted.filter(({ by }, id) => by === ALONE && id > 1).length
}
