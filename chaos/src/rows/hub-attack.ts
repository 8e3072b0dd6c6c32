/** Row 21: some of a group turn, push one another into all views, and swallow every update. */

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

interface Outcome {
  readonly share: number
  /** Attackers among the targets of correct nodes in the last cycles, over their share of the nodes. */
  readonly perShare: number
  readonly eclipsed: number
  /** Which part of the correct nodes an update has reached in {@link ROUNDS}. */
  readonly reached: number
}

export const hubAttack: Row = { number: 21, name: 'hub attack', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const outcomes = (short ? [0.02, 0.1] : SHARES).map((share) => attacked(share, true, seed))
  const control = attacked(0.05, false, seed)
  const percent = (share: number): string =>
    `${(100 * share).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`
  return {
    load: `${NODES} nodes, hardened, an update each`,
    faults: `${outcomes.map(({ share }) => percent(share)).join(', ')} turn after ${CLEAN_CYCLES} periods, for ${ATTACKED_CYCLES}`,
    badInputs: outcomes.reduce((sum, { share }) => sum + share * NODES * ATTACKED_CYCLES, 0),
    lost: outcomes.reduce((sum, { reached }) => sum + Math.round((1 - reached) * NODES), 0),
    duplicates: 0,
    note:
      `attackers are ${outcomes.map(({ perShare }) => perShare.toFixed(2)).join('/')} times their share of the targets, limit ${MOST_PER_SHARE}; ` +
      `${outcomes.map(({ eclipsed }) => percent(eclipsed)).join('/')} of the correct know nobody else; all reached in ${ROUNDS} rounds; ` +
      `control that is not hardened, ${percent(control.share)}: ${percent(control.eclipsed)} eclipsed, ${percent(control.reached)} reached`,
    complaints: [
      ...outcomes
        .filter(({ perShare }) => perShare > MOST_PER_SHARE)
        .map(
          ({ share, perShare }) => `${perShare.toFixed(2)} times their share at ${percent(share)}`
        ),
      ...outcomes
        .filter(({ eclipsed }) => eclipsed > MOST_ECLIPSED)
        .map(({ share, eclipsed }) => `${percent(eclipsed)} eclipsed at ${percent(share)}`),
      ...(control.eclipsed > 0.5 && control.reached < 1
        ? []
        : ['the control run was not taken over'])
    ]
  }
}

function attacked(share: number, hardened: boolean, seed: number): Outcome {
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
  // Targets are those of rounds, and there are rounds while there are updates.
  attack.spread(LAST_CYCLES)
  const { eclipsed, amongTargets } = attack.damage()
  return { share, perShare: amongTargets / share, eclipsed, reached: attack.spread(ROUNDS).at(-1)! }
}
