/** Row 9: one node is heard by all and hears nobody, for minutes. */

import { simulate } from '@rumormill/simulator'
import { Account, balance, Ledger, ROUND_MS } from '../ledger.ts'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'

const NODES = 20
const DEAF = 7
const UPDATES = 40
const CUT_AT_MS = 20_000

/** How much more a deaf node may say than it said before. */
const MAX_BUSIER = 1.5

export const oneWayPartition: Row = { number: 9, name: 'one-way partition', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const cutMs = short ? 60_000 : 300_000
  const bound = boundRounds(NODES)
  const healedAtMs = CUT_AT_MS + cutMs
  const watch = trial(seed, healedAtMs)
  const { ledger, apps } = watch
  const isOfRest = ({ by }: { by: number }): boolean => by !== DEAF
  const rest = [...apps.values()].filter(({ node }) => node !== DEAF)
  const late = rest.reduce((sum, account) => sum + ledger.missing(account, healedAtMs, isOfRest), 0)
  const slowestRounds =
    Math.max(...rest.flatMap((account) => ledger.delaysMs(account, isOfRest))) / ROUND_MS
  // What the deaf node submitted reaches others while it is deaf only if it is sent without being asked for.
  const unheard = ledger.entries.filter(
    ({ by }, id) => by === DEAF && rest.every((account) => account.heardMs(id) > healedAtMs)
  ).length
  const ofDeaf = ledger.entries.filter(({ by }) => by === DEAF).length
  const heardByDeaf = UPDATES - ledger.missing(apps.get(DEAF)!, healedAtMs, isOfRest)
  return {
    load: `${NODES} nodes, ${UPDATES} updates of the rest, ${ofDeaf} of the deaf one`,
    faults: `all messages to one node vanish for ${cutMs / 1000} s`,
    badInputs: 0,
    ...balance(ledger, apps.values()),
    note:
      `the rest had its updates within ${slowestRounds.toFixed(1)} rounds, limit ${bound}; the deaf node heard ${heardByDeaf}, ` +
      `and said ${watch.deafPerSecond.toFixed(1)} messages/s, before ${watch.beforePerSecond.toFixed(1)}; all is there ${bound} rounds after the heal`,
    complaints: [
      ...(late === 0 && slowestRounds <= bound ? [] : ['the rest did not stay converged']),
      ...(heardByDeaf === 0 ? [] : ['the deaf node heard something: nothing was cut']),
      ...(watch.deafPerSecond <= MAX_BUSIER * watch.beforePerSecond
        ? []
        : ['the deaf node is busy'])
    ],
    misses:
      unheard === 0
        ? []
        : [
            `${unheard} of ${ofDeaf} updates of the deaf node reached nobody before the heal: contents go to those who ask, and it hears no question`
          ]
  }
}

function trial(
  seed: number,
  healedAtMs: number
): {
  ledger: Ledger
  apps: ReadonlyMap<number, Account>
  beforePerSecond: number
  deafPerSecond: number
} {
  let ledger!: Ledger
  let [now, before, deaf] = [(): number => 0, 0, 0]
  const halfMs = CUT_AT_MS / 2
  const { apps } = simulate<Account>({
    nodes: NODES,
    seed,
    durationMs: healedAtMs + boundRounds(NODES) * ROUND_MS,
    network: {
      // Asked once for every message that is sent, so it counts as well.
      latency: (from, _to, rng) => {
        if (from === DEAF && now() >= halfMs && now() < CUT_AT_MS) before++
        if (from === DEAF && now() >= CUT_AT_MS && now() < healedAtMs) deaf++
        return 10 + 40 * rng.fraction()
      }
    },
    app: (node) => new Account(node.number, () => node.now()),
    script: (stage) => {
      ledger = new Ledger(stage)
      now = () => stage.now()
      const others = stage.nodes.filter((node) => node !== DEAF)
      stage.at(CUT_AT_MS, () => stage.cut(others, [DEAF]))
      for (let update = 0; update < UPDATES; update++) {
        // The first goes out when everybody who heard of the cut has drawn his conclusions; the last may still spread.
        stage.at(CUT_AT_MS + ((update + 1) * (healedAtMs - CUT_AT_MS)) / (UPDATES + 2), () => {
          ledger.submit(others[update % others.length]!)
          if (update % 4 === 0) ledger.submit(DEAF)
        })
      }
      stage.at(healedAtMs, () => stage.heal())
    }
  })
  return {
    ledger,
    apps,
    beforePerSecond: (1000 * before) / halfMs,
    deafPerSecond: (1000 * deaf) / (healedAtMs - CUT_AT_MS)
  }
}
