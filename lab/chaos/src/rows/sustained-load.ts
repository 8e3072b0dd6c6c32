/** Row 4: a group of processes under sustained load. */

import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, percentage, size } from '@rumormill/harness/figure'
import type { NodeLife } from '../node-process.ts'
import { ProcessGroup } from '../process-group.ts'
import { UNJUDGED, type Row, type RowOptions, type RowResult } from '../row.ts'
import { slopePerMinute } from '../slope.ts'
import type { Vitals } from '../vitals.ts'

const PER_SECOND = 200
const BYTES = 1024
/** How long an update stays active; each node holds 2,000 at any time. */
const UPDATE_MS = 10_000
/**
 * The seen cache is full within the first minute; the default of 100,000 digests would take eight minutes. With the default
 * neighbors and rounds, 20 nodes would need more than two cores at this load: half of the neighbors, a fifth of the rounds.
 */
const OPTIONS: NonNullable<NodeLife['options']> = {
  broadcast: { degree: 2 },
  antiEntropy: { periodMs: 1000 },
  store: { maxSeenDigests: 8000, expiration: { mode: 'duration', ms: UPDATE_MS } }
}
const SAMPLE_MS = 5000
const WARM_UP_MS = 60_000
const MAX_SLOPE_BYTES = 2 ** 20
const MAX_DELAY_MS = 50
/** Beyond this share of all processors, delays depend on the speed of the machine, and do not count. */
const SATURATED = 0.9

export const sustainedLoad: Row = {
  number: 4,
  name: 'sustained load',
  mode: 'L',
  alone: true,
  run
}

async function run({ short }: RowOptions): Promise<RowResult> {
  const seconds = short ? 20 : 300
  const nodes = short ? 10 : 20
  const group = new ProcessGroup({ options: OPTIONS, silent: true })
  try {
    await group.start(nodes)
    await delay(3000)
    const samples = await load(group, seconds)
    // Gives the last updates as much time as all others.
    await delay(UPDATE_MS / 2)
    const counts = await Promise.all(group.members.map((_, node) => group.count(node)))
    const [lost, duplicates] = [
      sum(counts.map(({ missing }) => missing)),
      sum(counts.map((each) => each.duplicates))
    ]
    const { delayP99Ms } = samples.at(-1)!
    const busy = sum(samples.map((each) => each.busy)) / samples.length
    const saturated = busy > SATURATED * availableParallelism()
    const warm = samples.filter(({ atMs }) => atMs >= WARM_UP_MS)
    const slope =
      warm.length < 2
        ? undefined
        : slopePerMinute(warm.map(({ atMs, rssBytes }) => [atMs, rssBytes]))
    const updates = group.submitted.length
    return {
      load: `${nodes} processes, ${PER_SECOND} updates/s of ${BYTES} bytes for ${seconds} s`,
      faults: 'none',
      badInputs: 0,
      lost,
      duplicates,
      figures: [
        amount('deliveries', updates * (nodes - 1) - lost),
        amount('updates', updates),
        duration('event loop p99 late by its own work, at worst', delayP99Ms, {
          limit: MAX_DELAY_MS,
          remark: saturated ? UNJUDGED : undefined
        }),
        size('RSS growth a minute of a process, after minute 1', slope, {
          limit: MAX_SLOPE_BYTES,
          remark: slope === undefined ? 'too short to see it' : undefined
        }),
        percentage('processor time of all nodes, of one processor', busy)
      ],
      complaints: [
        ...(updates === seconds * PER_SECOND
          ? []
          : [`only ${updates} updates were submitted: the load was not held`]),
        ...(saturated || delayP99Ms < MAX_DELAY_MS
          ? []
          : [`an event loop was late by ${delayP99Ms.toFixed(0)} ms`]),
        ...(slope === undefined || slope < MAX_SLOPE_BYTES ? [] : ['RSS grows'])
      ]
    }
  } finally {
    await group.stop()
  }
}

interface Sample {
  readonly atMs: number
  /** The mean of the nodes. */
  readonly rssBytes: number
  /** The highest of the nodes, since the load began. */
  readonly delayP99Ms: number
  /** Processor time of all nodes since the last sample, divided by the elapsed time. */
  readonly busy: number
}

async function load(group: ProcessGroup, seconds: number): Promise<Sample[]> {
  const startMs = performance.now()
  const samples: Sample[] = []
  // The work of starting is not load.
  let cpuMs = sum((await vitalsOf(group, true)).map((each) => each.cpuMs))
  for (let sampleEndMs = SAMPLE_MS; sampleEndMs <= 1000 * seconds; sampleEndMs += SAMPLE_MS) {
    while (performance.now() - startMs < sampleEndMs) {
      const due = Math.floor(((performance.now() - startMs) * PER_SECOND) / 1000)
      while (group.submitted.length < Math.min(due, PER_SECOND * seconds))
        group.submit(group.submitted.length % group.members.length, BYTES)
      await delay(5)
    }
    const vitals = await vitalsOf(group)
    const cpuSinceMs = sum(vitals.map((each) => each.cpuMs)) - cpuMs
    cpuMs += cpuSinceMs
    samples.push({
      atMs: sampleEndMs,
      rssBytes: sum(vitals.map(({ rssBytes }) => rssBytes)) / vitals.length,
      delayP99Ms: Math.max(...vitals.map(({ delayP99Ms }) => delayP99Ms)),
      busy: cpuSinceMs / SAMPLE_MS
    })
  }
  while (group.submitted.length < PER_SECOND * seconds)
    group.submit(group.submitted.length % group.members.length, BYTES)
  return samples
}

function vitalsOf(group: ProcessGroup, anew: boolean = false): Promise<Vitals[]> {
  return Promise.all(group.members.map((_, node) => group.vitals(node, anew)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
