/** Row 9: one node can send but receives nothing, for minutes. */

import { amount } from '@rumormill/harness/figure'
import { simulate } from '@rumormill/simulator'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions, ROUND_MS } from '../submissions.ts'

const NODES = 20
const DEAF = 7
const UPDATES = 40
const CUT_AT_MS = 20_000

/** The most by which the deaf node may send more messages than before. */
const MAX_BUSIER = 1.5

export const oneWayPartition: Row = { number: 9, name: 'one-way partition', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const cutMs = short ? 60_000 : 300_000
  const bound = boundRounds(NODES)
  const healedAtMs = CUT_AT_MS + cutMs
  const watch = trial(seed, healedAtMs)
  const { submissions, apps } = watch
  const isOfRest = ({ by }: { by: number }): boolean => by !== DEAF
  const rest = [...apps.values()].filter(({ node }) => node !== DEAF)
  const late = rest.reduce((sum, log) => sum + submissions.missing(log, healedAtMs, isOfRest), 0)
  const slowestRounds =
    Math.max(...rest.flatMap((log) => submissions.delaysMs(log, isOfRest))) / ROUND_MS
  // Updates of the deaf node can only reach others while they are pushed without a request.
  const unheard = submissions.entries.filter(
    ({ by }, id) => by === DEAF && rest.every((log) => log.arrivalMs(id) > healedAtMs)
  ).length
  const ofDeaf = submissions.entries.filter(({ by }) => by === DEAF).length
  const heardByDeaf = UPDATES - submissions.missing(apps.get(DEAF)!, healedAtMs, isOfRest)
  return {
    load: `${NODES} nodes, ${UPDATES} updates of the rest, ${ofDeaf} of the deaf one`,
    faults: `all messages to one node vanish for ${cutMs / 1000} s`,
    badInputs: 0,
    ...balance(submissions, apps.values()),
    figures: [
      amount('rounds until the rest had its updates', slowestRounds, { limit: bound }),
      amount('updates that the deaf node received', heardByDeaf),
      amount('messages a second that it sent', watch.deafPerSecond),
      amount('messages a second before', watch.beforePerSecond),
      amount('rounds after the heal until the end', bound)
    ],
    complaints: [
      ...(late === 0 && slowestRounds <= bound ? [] : ['the rest did not stay converged']),
      ...(heardByDeaf === 0 ? [] : ['the deaf node received updates, so nothing was cut']),
      ...(watch.deafPerSecond <= MAX_BUSIER * watch.beforePerSecond
        ? []
        : ['the deaf node sent too many messages'])
    ],
    misses:
      unheard === 0
        ? []
        : [
            `${unheard} of ${ofDeaf} updates of the deaf node reached no node before the heal: contents are sent on request, and it receives none`
          ]
  }
}

function trial(
  seed: number,
  healedAtMs: number
): {
  submissions: Submissions
  apps: ReadonlyMap<number, DeliveryLog>
  beforePerSecond: number
  deafPerSecond: number
} {
  let submissions!: Submissions
  let [now, before, deaf] = [(): number => 0, 0, 0]
  const halfMs = CUT_AT_MS / 2
  const { apps } = simulate<DeliveryLog>({
    nodes: NODES,
    seed,
    durationMs: healedAtMs + boundRounds(NODES) * ROUND_MS,
    network: {
      // Is called once per sent message, so it also counts them.
      delayMs: (from, _to, rng) => {
        if (from === DEAF && now() >= halfMs && now() < CUT_AT_MS) before++
        if (from === DEAF && now() >= CUT_AT_MS && now() < healedAtMs) deaf++
        return 10 + 40 * rng.fraction()
      }
    },
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      now = () => stage.now()
      const others = stage.nodes.filter((node) => node !== DEAF)
      stage.at(CUT_AT_MS, () => stage.cut(others, [DEAF]))
      for (let update = 0; update < UPDATES; update++) {
        // The first update is submitted after all nodes have reacted to the cut; the last one still has time to spread.
        stage.at(CUT_AT_MS + ((update + 1) * (healedAtMs - CUT_AT_MS)) / (UPDATES + 2), () => {
          submissions.submit(others[update % others.length]!)
          if (update % 4 === 0) submissions.submit(DEAF)
        })
      }
      stage.at(healedAtMs, () => stage.heal())
    }
  })
  return {
    submissions,
    apps,
    beforePerSecond: (1000 * before) / halfMs,
    deafPerSecond: (1000 * deaf) / (healedAtMs - CUT_AT_MS)
  }
}
