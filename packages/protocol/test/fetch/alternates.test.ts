import { expect, it } from 'vitest'
import { Alternates } from '../../src/fetch/alternates.ts'

const nobody = (): boolean => false
const taken = (
  alternates: Alternates,
  distrusts: (peer: string) => boolean = nobody
): (string | undefined)[] => Array.from({ length: 4 }, () => alternates.take(distrusts))

it('are taken in the order of their offers, three at most', () => {
  const alternates = new Alternates()
  for (const peer of ['a', 'b', 'a', 'c', 'd']) alternates.add(peer, true, nobody)
  expect(taken(alternates)).toEqual(['a', 'b', 'c', undefined])
})

it('trusted peers come first, and replace others', () => {
  const distrusts = (peer: string): boolean => peer.startsWith('liar')
  const alternates = new Alternates()
  for (const peer of ['liar 1', 'liar 2', 'liar 3']) alternates.add(peer, false, distrusts)
  for (const peer of ['a', 'b']) alternates.add(peer, true, distrusts)
  expect(taken(alternates, distrusts)).toEqual(['a', 'b', 'liar 1', undefined])
})

it('one that was trusted when it was added is not preferred once it is distrusted', () => {
  const alternates = new Alternates()
  for (const peer of ['a', 'b']) alternates.add(peer, true, nobody)
  expect(taken(alternates, (peer) => peer === 'a')).toEqual(['b', 'a', undefined, undefined])
  alternates.add('c', true, nobody)
  alternates.delete('c')
  expect(alternates.isEmpty).toBe(true)
})
