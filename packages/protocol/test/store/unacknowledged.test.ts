import { expect, it } from 'vitest'
import { Unacknowledged } from '../../src/store/unacknowledged.ts'
import type { StoredUpdate } from '../../src/store/update-store.ts'

function withKeys(...keys: string[]): Unacknowledged {
  const unacknowledged = new Unacknowledged()
  for (const key of keys) unacknowledged.submitted(key)
  return unacknowledged
}

it('keeps a running count of what no peer has named', () => {
  const unacknowledged = withKeys('a', 'b')
  unacknowledged.acknowledged('a')
  unacknowledged.acknowledged('a')
  unacknowledged.acknowledged('unknown')
  expect([unacknowledged.count, ...unacknowledged.keys()]).toEqual([1, 'b'])
})

it('takes an answered request for no proof, and announces such updates last', () => {
  const unacknowledged = withKeys('a', 'b')
  unacknowledged.answered('a')
  expect([unacknowledged.count, unacknowledged.unanswered]).toEqual([2, 1])
  expect(unacknowledged.toAnnounce()).toEqual(['b'])
  unacknowledged.answered('b')
  expect(unacknowledged.toAnnounce()).toEqual(['a', 'b'])
  unacknowledged.acknowledged('a')
  expect([unacknowledged.count, unacknowledged.unanswered]).toEqual([1, 0])
})

it('takes it for proof with pushCount', () => {
  const unacknowledged = new Unacknowledged(true)
  unacknowledged.submitted('a')
  unacknowledged.answered('a')
  expect(unacknowledged.count).toBe(0)
})

it('learns from a comparison only about what was submitted before it and is not lacking', () => {
  const unacknowledged = withKeys('a', 'b', 'c')
  const { mark } = unacknowledged
  unacknowledged.submitted('d')
  unacknowledged.hasAll(mark, (key) => key === 'b')
  expect([...unacknowledged.keys()]).toEqual(['b', 'd'])
})

it('updates that expire before any message arrived are reported, 1,024 of them by digest', () => {
  const unacknowledged = withKeys('early')
  const ended = (key: string): void => unacknowledged.expired({ key } as StoredUpdate)
  unacknowledged.messageReceived()
  for (let n = 0; n < 1030; n++) unacknowledged.submitted(`${n}`)
  ended('early')
  expect(unacknowledged.takeEnded()).toEqual([])
  for (let n = 0; n < 1030; n++) ended(`${n}`)
  const [drop] = unacknowledged.takeEnded()
  expect(drop).toMatchObject({ reason: 'unacknowledged', count: 1030 })
  expect([drop!.keys!.length, drop!.keys![0], unacknowledged.count]).toEqual([1024, '0', 0])
  expect(unacknowledged.takeEnded()).toEqual([])
})
