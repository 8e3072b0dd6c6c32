/** Row 37: many peers request contents and never read. The queued bytes must be limited, and others must be served. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, size, type Figure } from '@rumormill/harness/figure'
import { until } from '@rumormill/harness/until'
import type { AskingNews, AskingOrder } from '../asking-process.ts'
import { launch } from '../launch.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { TimedGroup } from '../timed-group.ts'
import type { TransportKind } from '../timed-node-process.ts'

const [VICTIM, FRIEND] = [0, 1]
/** 48 MiB in total: small contents cost most, because each is copied. */
const UPDATES = 3000
const BYTES = 16_000
const PEERS = { tcp: 250, libp2p: 40 }
const MIB = 2 ** 20
/** The default limit of the transports is 56 MiB; a pending write counts as well. */
const MAX_QUEUED_BYTES = 64 * MIB
/** With fewer queued bytes the attack would be too weak to show the limit. */
const LEAST_QUEUED_BYTES = 32 * MIB
const MAX_GROWN_BYTES = 160 * MIB
const SAMPLE_MS = 250
/** A hundred times the usual time, because the attackers use the same processors. */
const WITHIN_MS = 5000
const TIMEOUT_MS = 60_000

export const unread: Row = { number: 37, name: 'peers that request and never read', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const seconds = short ? 4 : 60
  const trials: Trial[] = []
  for (const kind of ['tcp', 'libp2p'] as const) trials.push(await attack(kind, seconds))
  return {
    load: `2 processes, over TCP and over libp2p, with ${UPDATES} updates of ${BYTES} bytes`,
    faults: `${PEERS.tcp} and ${PEERS.libp2p} peers that ask and do not read, for ${seconds} s`,
    badInputs: trials.reduce((sum, { requests }) => sum + requests, 0),
    lost: trials.reduce((sum, { lost }) => sum + lost, 0),
    duplicates: trials.reduce((sum, { duplicates }) => sum + duplicates, 0),
    figures: trials.flatMap(figuresOf),
    complaints: trials.flatMap(complaintsOf)
  }
}

/** The measurements of one group. */
interface Trial {
  readonly kind: TransportKind
  readonly requests: number
  readonly lost: number
  readonly duplicates: number
  readonly mostQueuedBytes: number
  readonly grownBytes: number
  /** The time of the slowest update between the two nodes during the attack. */
  readonly slowestMs: number
  /** The contents that the control requested and got. */
  readonly requested: number
  readonly got: number
}

async function attack(kind: TransportKind, seconds: number): Promise<Trial> {
  const group = new TimedGroup(kind)
  const attackers = launch('./asking-process.js')
  let news: AskingNews = { requests: 0, requested: 0, got: 0 }
  attackers.on('message', (latest: AskingNews) => {
    news = latest
  })
  try {
    await group.start([undefined, undefined])
    group.submit(VICTIM, BYTES, UPDATES)
    await group.whole(TIMEOUT_MS)
    const { address } = group.members[VICTIM]!
    const before = (await group.state(VICTIM)).rssBytes
    const order = { transport: kind, address, updates: UPDATES, bytes: BYTES, peers: PEERS[kind] }
    attackers.send(order satisfies AskingOrder)
    await until(() => news.requests > 0, TIMEOUT_MS)
    const first = group.submitted.length
    let [mostQueuedBytes, mostRssBytes] = [0, 0]
    for (let sample = 0; sample * SAMPLE_MS < 1000 * seconds; sample++) {
      if (sample % 4 === 0) for (const node of [VICTIM, FRIEND]) group.submit(node)
      const state = await group.state(VICTIM)
      mostQueuedBytes = Math.max(mostQueuedBytes, state.queuedBytes)
      mostRssBytes = Math.max(mostRssBytes, state.rssBytes)
      await delay(SAMPLE_MS)
    }
    await until(() => group.lost === 0 && news.got === news.requested, TIMEOUT_MS, 100)
    return {
      ...news,
      kind,
      lost: group.lost,
      duplicates: group.duplicates,
      mostQueuedBytes,
      grownBytes: mostRssBytes - before,
      slowestMs: slowestMs(group, first)
    }
  } finally {
    attackers.kill('SIGKILL')
    await group.stop()
  }
}

/** Returns the time of the slowest update from number `first` on. */
function slowestMs(group: TimedGroup, first: number): number {
  return group.submitted.slice(first).reduce((slowest, by, index) => {
    const id = first + index
    const heardMs = group.heardMs(by === VICTIM ? FRIEND : VICTIM, id) ?? Infinity
    return Math.max(slowest, heardMs - group.submittedMs(id)!)
  }, 0)
}

function complaintsOf(trial: Trial): string[] {
  const { kind, mostQueuedBytes, grownBytes, slowestMs: tookMs, requested, got } = trial
  return [
    ...(mostQueuedBytes <= MAX_QUEUED_BYTES ? [] : [`${kind}: ${mib(mostQueuedBytes)} waited`]),
    ...(mostQueuedBytes >= LEAST_QUEUED_BYTES
      ? []
      : [`${kind}: only ${mib(mostQueuedBytes)} waited, which shows no bound`]),
    ...(grownBytes <= MAX_GROWN_BYTES ? [] : [`${kind}: RSS grew by ${mib(grownBytes)}`]),
    ...(tookMs <= WITHIN_MS ? [] : [`${kind}: an update took ${(tookMs / 1000).toFixed(1)} s`]),
    ...(requested > 0 && got === requested
      ? []
      : [`${kind}: the control got ${got} of ${requested} contents`])
  ]
}

function figuresOf(trial: Trial): Figure[] {
  const { kind, mostQueuedBytes, grownBytes, slowestMs: tookMs, requested, got } = trial
  return [
    size(`${kind}, most that waited`, mostQueuedBytes, { limit: MAX_QUEUED_BYTES }),
    size(`${kind}, RSS grown`, grownBytes, { limit: MAX_GROWN_BYTES }),
    duration(`${kind}, slowest update`, tookMs, { limit: WITHIN_MS }),
    amount(`${kind}, control that reads, contents`, got, { of: requested })
  ]
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`
}
