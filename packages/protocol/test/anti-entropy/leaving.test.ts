import { expect, it } from 'vitest'
import { Leaving } from '../../src/anti-entropy/leaving.ts'
import type { Rounds } from '../../src/anti-entropy/rounds.ts'
import { digestKey, packKeys, type DigestKey } from '../../src/model/update.ts'
import { Unacknowledged } from '../../src/store/unacknowledged.ts'

const keys: DigestKey[] = [1, 2, 3].map((byte) => digestKey(new Uint8Array(32).fill(byte), 0))

/** Announces at most two digests to a peer, and compares nothing. */
function leaving(unacknowledged: Unacknowledged): Leaving {
  const rounds = { leave: () => {}, confirm: () => [] } as unknown as Rounds
  return new Leaving(rounds, unacknowledged, 2)
}

it('batches of digests take turns, each again after the last one', () => {
  const unacknowledged = new Unacknowledged()
  for (const key of keys) unacknowledged.submitted(key)
  const node = leaving(unacknowledged)
  node.begin(0)
  const announced = [0, 1000, 2000, 3000].map((nowMs) =>
    node.tick(nowMs, () => ['b']).map(({ message }) => message)
  )
  const ihave = (...some: DigestKey[]): unknown => [{ kind: 'ihave', digests: packKeys(some) }]
  // In the first round, what was submitted just before is already on its way.
  expect(announced).toEqual([[], ihave(keys[2]!), ihave(keys[0]!, keys[1]!), ihave(keys[2]!)])
})

it('the next round is due at once when half of what was announced has been fetched', () => {
  const unacknowledged = new Unacknowledged()
  for (const key of keys) unacknowledged.submitted(key)
  const node = leaving(unacknowledged)
  node.begin(0)
  node.tick(0, () => ['b'])
  expect(node.dueMs).toBe(50)
  unacknowledged.answered(keys[0]!)
  expect(node.dueMs).toBe(-Infinity)
})
