import { expect, it } from 'vitest'
import type { Message } from '../../src/model/message.ts'
import { createRng } from '../../src/model/random.ts'
import { VirtualGroup } from './virtual-group.ts'

const SEED = 4
const SIZE = 20
const VICTIM = 7
const ATTACKERS = 200
const PUSH_EVERY_MS = 20
/** Twice log2 of the size, and four more. */
const ROUNDS = 14
const ROUND_MS = 200

const evil = Array.from({ length: ATTACKERS }, (_, n) => `evil-${n}`)

/** One node of twenty is pushed at, 50 times a second by 200 addresses in turn, for a minute. Whom it then talks to. */
function eclipsed(hardened: boolean): { group: VirtualGroup; targets: string[] } {
  const rng = createRng(SEED)
  const targets: string[] = []
  const view = (): { address: string; age: number }[] =>
    Array.from({ length: 15 }, () => ({ address: evil[rng.below(ATTACKERS)]!, age: 0 }))
  const group = new VirtualGroup({
    size: SIZE,
    seed: SEED,
    membership: { hardened },
    stranger: (_, message): Message | undefined =>
      message.kind === 'view-request' ? { kind: 'view-response', view: view() } : undefined,
    watch: (from, to, message) => {
      if (from === VICTIM && message.kind === 'digest-request') targets.push(to)
    }
  })
  group.run(20_000)
  for (let push = 0; push < 60_000 / PUSH_EVERY_MS; push++) {
    group.run(PUSH_EVERY_MS)
    const victim = group.nodes[VICTIM]!.engine
    group.perform(
      VICTIM,
      victim.receive(group.nowMs, evil[push % ATTACKERS]!, { kind: 'view-request', view: view() })
    )
    // Half a minute for the attack to do what it can.
    if (push === 30_000 / PUSH_EVERY_MS) targets.length = 0
  }
  return { group, targets }
}

const isEvil = (address: string): boolean => address.startsWith('evil')

function worstOfTen(targets: readonly string[]): number {
  let fewest = Infinity
  for (let start = 0; start + 10 <= targets.length; start++) {
    fewest = Math.min(
      fewest,
      targets.slice(start, start + 10).filter((target) => !isEvil(target)).length
    )
  }
  return fewest
}

it(`a node that is not hardened is cut off (seed ${SEED})`, () => {
  const { group, targets } = eclipsed(false)
  expect(group.nodes[VICTIM]!.engine.peers().every(({ address }) => isEvil(address))).toBe(true)
  expect(worstOfTen(targets)).toBe(0)
})

it(`a hardened one has a correct target among any ten, at least its anchor, and its updates arrive in time (seed ${SEED})`, () => {
  const { group, targets } = eclipsed(true)
  expect(targets.length).toBeGreaterThan(100)
  expect(worstOfTen(targets)).toBeGreaterThanOrEqual(1)
  expect(targets).toContain('0')
  group.submit(VICTIM, 'still here')
  const others = group.nodes.filter((_, n) => n !== VICTIM)
  group.run(ROUNDS * ROUND_MS, () => others.every(({ delivered }) => delivered.length > 0))
  expect(others.map(({ delivered }) => delivered)).toEqual(others.map(() => ['still here']))
})
