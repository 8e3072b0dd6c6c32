/** Row 21: some nodes of a group become attackers, push one another into all views, and forward no update. */

import { percentage, ratio } from '@rumormill/harness/figure'
import { HubAttack } from '@rumormill/simulator'
import type { Row, RowOptions, RowResult } from '../row.ts'

const NODES = 1000
const CLEAN_CYCLES = 30
const ATTACKED_CYCLES = 100
const LAST_CYCLES = 20
const ROUNDS = 30
const SHARES = [0.01, 0.02, 0.05, 0.1]
const MOST_PER_SHARE = 1.5
const MOST_ECLIPSED = 0.01

interface AttackResult {
  readonly share: number
  /** The share of attackers among the targets of correct nodes in the last cycles, divided by their share of the nodes. */
  readonly perShare: number
  readonly eclipsed: number
  /** The share of correct nodes that an update reached in {@link ROUNDS}. */
  readonly reached: number
}

export const hubAttack: Row = { number: 21, name: 'hub attack', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const results = (short ? [0.02, 0.1] : SHARES).map((share) => attacked(share, true, seed))
  const control = attacked(0.05, false, seed)
  const percent = (share: number): string =>
    `${(100 * share).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`
  return {
    load: `${NODES} nodes, hardened, an update each`,
    faults: `${results.map(({ share }) => percent(share)).join(', ')} become attackers after ${CLEAN_CYCLES} periods, for ${ATTACKED_CYCLES}`,
    badInputs: results.reduce((sum, { share }) => sum + share * NODES * ATTACKED_CYCLES, 0),
    lost: results.reduce((sum, { reached }) => sum + Math.round((1 - reached) * NODES), 0),
    duplicates: 0,
    figures: [
      ratio(
        'attackers among the targets, times their share',
        results.map(({ perShare }) => perShare),
        { limit: MOST_PER_SHARE }
      ),
      percentage(
        'correct nodes with only attackers in their views',
        results.map(({ eclipsed }) => eclipsed),
        { limit: MOST_ECLIPSED }
      ),
      percentage(
        `reached in ${ROUNDS} rounds`,
        results.map(({ reached }) => reached)
      ),
      percentage(
        `control of ${percent(control.share)} that is not hardened, eclipsed`,
        control.eclipsed
      ),
      percentage('control, reached', control.reached)
    ],
    complaints: [
      ...results
        .filter(({ perShare }) => perShare > MOST_PER_SHARE)
        .map(
          ({ share, perShare }) => `${perShare.toFixed(2)} times their share at ${percent(share)}`
        ),
      ...results
        .filter(({ eclipsed }) => eclipsed > MOST_ECLIPSED)
        .map(({ share, eclipsed }) => `${percent(eclipsed)} eclipsed at ${percent(share)}`),
      ...(control.eclipsed > 0.5 && control.reached < 1 ? [] : ['the control run was not eclipsed'])
    ]
  }
}

function attacked(share: number, hardened: boolean, seed: number): AttackResult {
  const attack = new HubAttack({
    nodes: NODES,
    seed,
    share,
    pushes: 1,
    membership: {
      push: true,
      pull: true,
      selection: 'rand',
      viewSize: 30,
      healing: 3,
      swapping: 12,
      exchangeSize: 14,
      hardened
    }
  })
  for (let cycle = 0; cycle < CLEAN_CYCLES; cycle++) attack.group.cycle()
  attack.begin()
  for (let cycle = 0; cycle < ATTACKED_CYCLES - LAST_CYCLES; cycle++) attack.group.cycle()
  attack.damage()
  // Targets are chosen by rounds, which need updates.
  attack.spread(LAST_CYCLES)
  const { eclipsed, amongTargets } = attack.damage()
  return { share, perShare: amongTargets / share, eclipsed, reached: attack.spread(ROUNDS).at(-1)! }
}
