/** Scenarios with attackers. */

import { PRESETS } from '@rumormill/protocol/engine'
import { HubAttack } from '@rumormill/simulator'
import type { Scenario, ScenarioOptions, ScenarioResult } from './scenario.ts'

const CLEAN_CYCLES = 30
const ROWS = 8
const ROUNDS_PER_ROW = 15
const LAST_ROUNDS = 30

/** The limits of a hardened group: attackers get at most 1.5 times their share of targets, and eclipse at most 1 % of the nodes. */
const MAX_TARGETS_PER_SHARE = 1.5
const MAX_ECLIPSED = 0.01

const { push, pull, selection, viewSize, healing, swapping, exchangeSize } = PRESETS.lan.membership
const COLUMNS = [
  'attacked cycles',
  'attackers in views %',
  'eclipsed %',
  'attackers among targets %',
  'reached in 15 rounds %'
]

export const attackScenarios: readonly Scenario[] = [
  {
    name: 'hub-attack',
    about:
      'after 30 cycles a share of the nodes push one another into all views, and forward no updates',
    run: hubAttack
  }
]

function hubAttack({
  nodes,
  seed,
  progress,
  share,
  pushes,
  hardened
}: ScenarioOptions): ScenarioResult {
  const membership = { push, pull, selection, viewSize, healing, swapping, exchangeSize, hardened }
  const attack = new HubAttack({ nodes, seed, membership, share, pushes })
  for (let cycle = 1; cycle <= CLEAN_CYCLES; cycle++) {
    progress(`cycle ${cycle} before the attack`)
    attack.group.cycle()
  }
  attack.begin()
  const rows: number[][] = []
  const complaints: string[] = []
  for (let row = 1; row <= ROWS; row++) {
    attack.damage()
    progress(`attacked for ${(row - 1) * ROUNDS_PER_ROW} cycles`)
    const reached = attack.spread(ROUNDS_PER_ROW).at(-1)!
    const { inViews, eclipsed, amongTargets } = attack.damage()
    rows.push([
      row * ROUNDS_PER_ROW,
      100 * inViews,
      100 * eclipsed,
      100 * amongTargets,
      100 * reached
    ])
    if (row < ROWS) continue
    if (eclipsed > MAX_ECLIPSED)
      complaints.push(
        `${(100 * eclipsed).toFixed(1)} % of the correct nodes have only attackers in their views`
      )
    if (amongTargets > MAX_TARGETS_PER_SHARE * share) {
      complaints.push(
        `attackers are ${(100 * amongTargets).toFixed(1)} % of all targets, and ${(100 * share).toFixed(1)} % of the nodes`
      )
    }
  }
  const reached = attack.spread(LAST_ROUNDS).at(-1)!
  if (reached < 1)
    complaints.push(
      `the last update reached ${(100 * reached).toFixed(1)} % in ${LAST_ROUNDS} rounds`
    )
  return { columns: COLUMNS, rows, complaints }
}
