import { expect, test } from 'vitest'
import { ReportedPeers } from '../src/index.ts'

test('a peer is new once, and again after it was deleted', () => {
  const peers = new ReportedPeers()
  expect([peers.add('a'), peers.add('a'), peers.add('b')]).toEqual([true, false, true])
  peers.delete('a')
  expect([peers.add('a'), peers.add('b')]).toEqual([true, false])
})

test('a bounded number of peers is remembered: of 1,025 the first is forgotten', () => {
  const peers = new ReportedPeers()
  for (let n = 0; n < 1024; n++) peers.add(`peer ${n}`)
  expect(peers.add('peer 0')).toBe(false)
  peers.add('one more')
  expect([peers.add('peer 1'), peers.add('peer 0')]).toEqual([false, true])
})
