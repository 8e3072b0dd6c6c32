/** Row 29: a node that reaches no peer and gets no error: neither when it dials, nor on open connections. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, size } from '@rumormill/harness/figure'
import { Namespaces } from '../namespaces.ts'
import { ProcessGroup, PROCESS_VIEW_PERIOD_MS } from '../process-group.ts'
import type { Row, RowOptions, RowResult, Skip } from '../row.ts'

const FAR_NODES = 8
const ALONE = FAR_NODES
/** Two periods of view exchanges, after the last pause of the back-off, which is at most 5 s. */
const RECOVERS_WITHIN_MS = 2 * PROCESS_VIEW_PERIOD_MS + 5000
/** The default of `limits.outboundConnections`. */
const MAX_DIALLING = 256
const MAX_RSS_BYTES = 8 * 2 ** 20

export const blackHole: Row = { number: 29, name: 'all peers unreachable', mode: 'X', run }

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const holeMs = short ? 20_000 : 300_000
  using namespaces = Namespaces.create()
  if (namespaces === undefined)
    return { skipped: 'needs root and `ip`, to make network namespaces' }
  const group = new ProcessGroup()
  try {
    for (let node = 0; node < FAR_NODES; node++) await group.join(node, 0, namespaces.far)
    namespaces.cut()
    await group.join(ALONE, 0, namespaces.near)
    const hole = await watch(group, holeMs)
    namespaces.heal()
    const { lost, tookMs } = await recovery(group)
    const swallowedMs = short ? undefined : await swallowConnections(group, namespaces)
    return {
      load: `${FAR_NODES} processes and one alone, ${group.submitted.length} updates`,
      faults: `all dials of the one are lost for ${holeMs / 1000} s`,
      badInputs: 0,
      lost,
      duplicates: group.duplicates([...group.members.keys()]),
      figures: [
        amount('most dials at once', hole.mostDialling, { limit: MAX_DIALLING }),
        amount('dials a minute', perMinute(hole.dialled, holeMs)),
        amount('put off a minute', perMinute(hole.putOff, holeMs)),
        size('RSS grown', hole.grownBytes, { limit: MAX_RSS_BYTES }),
        duration('all updates arrived after the heal', tookMs, { limit: RECOVERS_WITHIN_MS }),
        ...(swallowedMs === undefined
          ? []
          : [duration('after 60 s in which open connections lose everything', swallowedMs)])
      ],
      complaints: [
        ...(hole.passed === 0 ? [] : [`${hole.passed} updates passed the hole`]),
        ...(hole.mostDialling > 0 && hole.mostDialling <= MAX_DIALLING
          ? []
          : [`${hole.mostDialling} dials at once`]),
        ...(hole.grownBytes <= MAX_RSS_BYTES
          ? []
          : [`RSS has grown by ${(hole.grownBytes / 2 ** 20).toFixed(1)} MiB`]),
        ...(tookMs <= RECOVERS_WITHIN_MS ? [] : ['it took long to recover'])
      ]
    }
  } finally {
    await group.stop()
  }
}

interface Hole {
  readonly mostDialling: number
  readonly dialled: number
  readonly putOff: number
  readonly grownBytes: number
  /** Updates of others that arrived nevertheless. */
  readonly passed: number
}

/** Measures the isolated node while both sides go on submitting. */
async function watch(group: ProcessGroup, holeMs: number): Promise<Hole> {
  const endMs = performance.now() + holeMs
  let mostDialling = 0
  let rssBytes: number | undefined
  for (let second = 0; performance.now() < endMs; second++) {
    if (second % 10 === 0) group.submit(second % 20 === 0 ? 0 : ALONE)
    mostDialling = Math.max(mostDialling, (await group.connections(ALONE)).dialling)
    // Memory of the first seconds does not count as growth.
    if (second === 10) ({ rssBytes } = await group.vitals(ALONE))
    await delay(1000)
  }
  const [vitals, { dialled, refused }] = await Promise.all([
    group.vitals(ALONE),
    group.connections(ALONE)
  ])
  const ofOthers = group.submitted.flatMap(({ by }, id) => (by === ALONE ? [] : [id]))
  return {
    mostDialling,
    dialled,
    putOff: refused['backing-off'],
    grownBytes: vitals.rssBytes - (rssBytes ?? vitals.rssBytes),
    passed: ofOthers.length - group.missing([ALONE], ofOthers)
  }
}

async function recovery(group: ProcessGroup): Promise<{ lost: number; tookMs: number }> {
  const healedMs = performance.now()
  const lost = await group.settle(
    [...group.members.keys()],
    group.submitted.map((_, id) => id),
    120_000
  )
  return { lost, tookMs: performance.now() - healedMs }
}

/** Returns the recovery time with open connections: no dial fails then, and TCP retransmits at growing intervals. */
async function swallowConnections(group: ProcessGroup, namespaces: Namespaces): Promise<number> {
  namespaces.cut()
  await watch(group, 60_000)
  namespaces.heal()
  return (await recovery(group)).tookMs
}

function perMinute(events: number, ms: number): number {
  return Math.round((60_000 * events) / ms)
}
