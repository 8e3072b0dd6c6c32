/** Who is no longer authorized is out at its next message, or at the next thing meant for it (p2panda#925). */

import { describe, expect, it } from 'vitest'
import { Lab } from './lab.ts'

const names = ({ gossip }: { gossip: { peers(): readonly { address: string }[] } }): string[] =>
  gossip
    .peers()
    .map(({ address }) => address)
    .toSorted()

describe('a member that is removed', () => {
  it.each([true, false])('gets no more messages, hardened %s', async (hardened) => {
    const lab = new Lab()
    const members = new Set(['a', 'b', 'c', 'mallory'])
    const options = { authorize: (peer: string) => members.has(peer), membership: { hardened } }
    const a = await lab.add({ ...options, at: 'a' })
    const b = await lab.add({ ...options, at: 'b' })
    const c = await lab.add({ ...options, at: 'c' })
    const mallory = await lab.add({ at: 'mallory' })
    await lab.pass(5000)
    a.gossip.submit(lab.bytes(8))
    await lab.pass(1000)
    expect([names(a), mallory.got.size]).toEqual([['b', 'c', 'mallory'], 1])
    members.delete('mallory')
    for (let second = 0; second < 60; second++) {
      a.gossip.submit(lab.bytes(200))
      await lab.pass(1000)
    }
    expect([b.got.size, c.got.size, mallory.got.size]).toEqual([61, 61, 1])
    expect([a, b, c].map((node) => names(node).includes('mallory'))).toEqual([false, false, false])
  })

  it('is dropped even if it sends nothing', async () => {
    const lab = new Lab()
    const members = new Set(['a', 'b', 'mallory'])
    const options = { authorize: (peer: string) => members.has(peer) }
    const a = await lab.add({ ...options, at: 'a' })
    const b = await lab.add({ ...options, at: 'b' })
    await lab.add({ at: 'mallory' })
    await lab.pass(5000)
    lab.network.cut(['mallory'], ['a', 'b'])
    members.delete('mallory')
    await lab.pass(5000)
    expect([names(a), names(b)]).toEqual([['b'], ['a']])
    expect(a.gossip.stats().neighbors).toBe(1)
  })

  it('does not come back when a peer lists it, and is back when it is authorized again', async () => {
    const lab = new Lab()
    const members = new Set(['a', 'b', 'mallory'])
    const a = await lab.add({ at: 'a', authorize: (peer) => members.has(peer) })
    const b = await lab.add({ at: 'b' })
    const mallory = await lab.add({ at: 'mallory' })
    await lab.pass(5000)
    members.delete('mallory')
    await lab.pass(1000)
    for (let step = 0; step < 100; step++) {
      await lab.pass(100)
      expect(names(a)).toEqual(['b'])
    }
    expect(names(b)).toEqual(['a', 'mallory'])
    members.add('mallory')
    await lab.pass(5000)
    expect(names(a)).toEqual(['b', 'mallory'])
    a.gossip.submit(lab.bytes(8))
    await lab.pass(1000)
    expect(mallory.got.size).toBe(1)
  })
})

it('a peer that authorize denies does not enter by a node that authorizes all peers', async () => {
  const lab = new Lab()
  const a = await lab.add({ at: 'a', authorize: (peer) => peer !== 'mallory' })
  const b = await lab.add({ at: 'b' })
  // It speaks to b only.
  await lab.add({ at: 'mallory', seeds: ['b'], authorize: (peer) => peer !== 'a' })
  let wasListed = false
  for (let step = 0; step < 100; step++) {
    await lab.pass(100)
    wasListed ||= names(a).includes('mallory')
  }
  expect([wasListed, names(b)]).toEqual([false, ['a', 'mallory']])
})

it('authorize is called once for each message received, and once for each sent', async () => {
  const lab = new Lab()
  let calls = 0
  const authorize = (peer: string): boolean => {
    if (peer === 'a') calls++
    return true
  }
  await lab.add({ at: 'a' })
  const b = await lab.add({ at: 'b', authorize })
  await lab.pass(20_000)
  const { sentMessages, receivedMessages } = b.gossip.stats()
  // It is called for view entries, too: each received view names b, and its sender a.
  const views = b.events.filter(
    (event) => event.kind === 'received' && event.message.startsWith('view')
  ).length
  expect(sentMessages).toBeGreaterThan(50)
  expect(calls).toBeLessThanOrEqual(sentMessages + receivedMessages + views + 1)
})
