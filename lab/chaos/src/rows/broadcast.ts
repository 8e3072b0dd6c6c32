/**
 * Rows 1 and 2: the broadcast workload of Maelstrom without faults (section 5 of the list), by rounds and by trees.
 *
 * As there, half of the operations are reads, which cost nothing, and every message between nodes counts, view exchanges
 * included.
 */

import { amount, duration, type Bounds, type Figure } from '@rumormill/harness/figure'
import { quantile } from '@rumormill/harness/quantile'
import type { AntiEntropyConfig, BroadcastConfig } from '@rumormill/protocol'
import { simulate } from '@rumormill/simulator'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions } from '../submissions.ts'

const NODES = 25
const EVERY_MS = 20
const LATENCY_MS = 100
/** Until then the views form. */
const BEGIN_MS = 15_000
const LOAD_MS = 20_000
const END_MS = BEGIN_MS + LOAD_MS + 5000

interface Cost {
  readonly messages: number
  readonly medianMs: number
  readonly mostMs: number
}

const NAMES: Readonly<Record<keyof Cost, string>> = {
  messages: 'messages per operation',
  medianMs: 'median in ms',
  mostMs: 'slowest in ms'
}
const KEYS = Object.keys(NAMES) as readonly (keyof Cost)[]

interface Profile {
  readonly name: string
  readonly broadcast: Partial<BroadcastConfig>
  readonly antiEntropy: Partial<AntiEntropyConfig>
  readonly limits: Cost
}

const FREQUENT_ROUNDS: Profile = {
  // By list, because comparing sketches first saves bytes but costs a round trip.
  name: 'rounds of 120 ms by list, no broadcast',
  broadcast: { mode: 'off' },
  antiEntropy: { periodMs: 120, reconciliation: 'list' },
  limits: { messages: 20, medianMs: 1000, mostMs: 2000 }
}

/** Both challenges at once: the messages of 3e in the time of 3d. */
const PUSHED: Profile = {
  name: 'eager push down trees, lazy push after 1 s, rounds of 2 s',
  broadcast: { mode: 'eager', degree: 3, lazyMs: 1000 },
  antiEntropy: { periodMs: 2000 },
  limits: { messages: 20, medianMs: 400, mostMs: 600 }
}

/** What the group does by default, for comparison: it is made for links of a few milliseconds. */
const DEFAULT: Profile = { ...FREQUENT_ROUNDS, name: 'default', broadcast: {}, antiEntropy: {} }

export const broadcastByRounds: Row = {
  number: 1,
  name: 'broadcast to 25 nodes, cheap',
  mode: 'V',
  run: (options) => run(FREQUENT_ROUNDS, options)
}
export const broadcastToAll: Row = {
  number: 2,
  name: 'broadcast to 25 nodes, quick',
  mode: 'V',
  run: (options) => run(PUSHED, options)
}

function run(profile: Profile, { seed, short }: RowOptions): RowResult {
  const trials = Array.from({ length: short ? 2 : 5 }, (_, index) => trial(profile, seed + index))
  const worst = (key: keyof Cost): number => Math.max(...trials.map((each) => each[key]))
  const usual = trial(DEFAULT, seed)
  const { limits } = profile
  const over = (key: keyof Cost): string[] =>
    worst(key) < limits[key]
      ? []
      : [`${NAMES[key]}: ${worst(key).toFixed(0)}, wanted less than ${limits[key]}`]
  return {
    load: `${NODES} nodes, ${LATENCY_MS} ms, ${1000 / EVERY_MS} updates/s for ${LOAD_MS / 1000} s, ${profile.name}, ${trials.length} seeds`,
    faults: 'none',
    badInputs: 0,
    lost: trials.reduce((sum, { lost }) => sum + lost, 0),
    duplicates: trials.reduce((sum, { duplicates }) => sum + duplicates, 0),
    figures: [
      ...figuresOf(
        'at worst',
        { messages: worst('messages'), medianMs: worst('medianMs'), mostMs: worst('mostMs') },
        limits
      ),
      ...figuresOf('by default', usual)
    ],
    complaints: KEYS.flatMap(over)
  }
}

function figuresOf(when: string, { messages, medianMs, mostMs }: Cost, limits?: Cost): Figure[] {
  const within = (key: keyof Cost): Bounds => (limits === undefined ? {} : { limit: limits[key] })
  return [
    amount(`${when}, messages an operation`, messages, within('messages')),
    duration(`${when}, median`, medianMs, within('medianMs')),
    duration(`${when}, slowest`, mostMs, within('mostMs'))
  ]
}

function trial(
  { broadcast, antiEntropy }: Profile,
  seed: number
): Cost & { lost: number; duplicates: number } {
  let submissions!: Submissions
  let hasBegun = false
  let messages = 0
  const { apps } = simulate<DeliveryLog>({
    nodes: NODES,
    seed,
    broadcast,
    antiEntropy,
    membership: { periodMs: 5000 },
    durationMs: END_MS,
    // Asked once for every message that is sent.
    network: {
      delayMs: () => {
        if (hasBegun) messages++
        return LATENCY_MS
      }
    },
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      stage.at(BEGIN_MS, () => {
        hasBegun = true
      })
      for (let atMs = BEGIN_MS; atMs < BEGIN_MS + LOAD_MS; atMs += EVERY_MS) {
        stage.at(atMs, () => submissions.submit(submissions.entries.length % NODES))
      }
    }
  })
  const delaysMs = [...apps.values()].flatMap((log) => submissions.delaysMs(log))
  return {
    ...balance(submissions, apps.values()),
    messages: messages / (2 * submissions.entries.length),
    medianMs: quantile(delaysMs, 0.5),
    mostMs: quantile(delaysMs, 1)
  }
}
