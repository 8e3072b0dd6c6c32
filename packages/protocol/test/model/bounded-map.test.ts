import { expect, it } from 'vitest'
import { dropOldest, setBounded } from '../../src/model/bounded-map.ts'

it('keeps the newest entries of a map, and one that is set again is new', () => {
  const map = new Map([['a', 1]])
  setBounded(map, 'b', 2, 2)
  setBounded(map, 'a', 3, 2)
  expect([...map.entries()]).toEqual([
    ['b', 2],
    ['a', 3]
  ])
  setBounded(map, 'c', 4, 2)
  expect([...map.keys()]).toEqual(['a', 'c'])
})

it('deletes one entry of a set, only beyond the limit', () => {
  const set = new Set(['a', 'b'])
  dropOldest(set, 2)
  expect([...set]).toEqual(['a', 'b'])
  dropOldest(set.add('c'), 2)
  expect([...set]).toEqual(['b', 'c'])
})
