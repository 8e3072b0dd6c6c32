/** A ban only grows, one message is one violation at most, and passing on is none (finding 6, prysm#17166). */

import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/engine/engine.ts'
import type { Message, MessageOf } from '../../src/model/message.ts'
import { createRng } from '../../src/model/random.ts'
import { blake3Hash, digestCheck, digestKey, packDigests } from '../../src/model/update.ts'
import { PRESETS } from '../../src/options/presets.ts'
import { Lab } from './lab.ts'

const TEN_MINUTES_MS = 600_000

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const ihave = (...contents: string[]): Message => ({
  kind: 'ihave',
  digests: packDigests(contents.map((content) => blake3Hash(text(content))))
})
const response = (...contents: string[]): MessageOf<'content-response'> => ({
  kind: 'content-response',
  contents: contents.map(text),
  ages: contents.map(() => 0)
})
const push = (contents: readonly Uint8Array[]): MessageOf<'eager-push'> => ({
  kind: 'eager-push',
  tree: 7,
  check: digestCheck(contents.map((content) => digestKey(blake3Hash(content), 0))),
  contents,
  ages: contents.map(() => 0)
})
const kinds = (effects: readonly { kind: string }[]): string[] => effects.map(({ kind }) => kind)

function engine(): Engine {
  const { membership, store, fetch, antiEntropy, broadcast } = PRESETS.lan
  return new Engine({
    self: 'me',
    membership,
    store,
    fetch,
    antiEntropy,
    broadcast,
    hash: blake3Hash,
    rng: createRng(1),
    nowMs: 0
  })
}

it('300 invalid messages are three violations and one ban, and no later one is read', async () => {
  const lab = new Lab()
  const { gossip, counts, traffic } = await lab.add()
  const tell = await lab.liar('liar')
  await lab.pass(1000)
  tell(gossip.address, { kind: 'ihave', digests: new Uint8Array(32).fill(7) })
  await lab.pass(100)
  const times: number[] = []
  for (let message = 0; message < 300; message++) {
    const contents = Array.from({ length: message === 0 ? 4 : 3 }, () => lab.bytes(10_000))
    const ages = contents.map(() => 0)
    tell(gossip.address, { kind: 'content-response', contents, ages })
    await lab.pass(100)
    if (gossip.stats().bannedPeers === 1) times.push(lab.clock.now())
  }
  expect([counts['banned'], gossip.stats().violations, gossip.stats().bannedPeers]).toEqual([
    1, 3, 1
  ])
  expect(traffic.contentsIn).toBeLessThan(200_000)
  // From the third message on, without a gap.
  expect(times).toHaveLength(298)
  await lab.pass(TEN_MINUTES_MS - 31_000)
  expect(gossip.stats().bannedPeers).toBe(1)
  await lab.pass(2000)
  expect(gossip.stats().bannedPeers).toBe(0)
})

describe('violations are not made up for', () => {
  it('by a requested content in the same message', () => {
    const node = engine()
    for (const content of ['a', 'b', 'c']) {
      node.receive(0, 'liar', ihave(content, content + '2'))
      const effects = node.receive(1, 'liar', response(content, 'junk ' + content))
      expect(kinds(effects)).toContain('violation')
    }
    expect(node.reputation.dropReason(2, 'liar')).toBe('peer-banned')
  })

  it('by any number of messages that cost nothing', () => {
    const node = engine()
    for (let round = 0; round < 3; round++) {
      for (let cheap = 0; cheap < 100; cheap++) {
        node.receive(0, 'liar', { kind: 'view-request', view: [] })
        node.receive(0, 'liar', { kind: 'view-response', view: [] })
        node.receive(0, 'liar', { kind: 'ihave', digests: new Uint8Array(0) })
        node.receive(0, 'liar', { kind: 'digest-request', digests: new Uint8Array(0) })
        node.receive(0, 'liar', { kind: 'prune', tree: 1 })
      }
      node.reputation.malformed(0, 'liar')
    }
    expect(node.reputation.dropReason(1, 'liar')).toBe('peer-banned')
  })

  it('except by an answer with a content that was requested', () => {
    const node = engine()
    for (let round = 0; round < 10; round++) {
      node.receive(0, 'peer', ihave(`wanted ${round}`))
      node.receive(0, 'peer', response(`wanted ${round}`))
      node.reputation.malformed(0, 'peer')
    }
    expect(node.reputation.dropReason(1, 'peer')).toBeUndefined()
  })
})

describe('a peer that is banned', () => {
  it('is neither a neighbor nor in the view, and does not come back when a peer lists it', async () => {
    const lab = new Lab()
    const { gossip } = await lab.add({ at: 'a' })
    await lab.add({ at: 'b' })
    await lab.add({ at: 'c' })
    await lab.pass(3000)
    expect(gossip.stats().neighbors).toBe(2)
    const junk = lab.network.transport('d')
    await junk.start(
      { receive: () => {}, fail: () => {}, lost: () => {} },
      { protocol: '/rumormill/1/default/binary' }
    )
    lab.network.kill('c')
    const liar = await lab.liar('c')
    for (let message = 0; message < 3; message++) {
      liar('a', { kind: 'content-response', contents: [lab.bytes(100)], ages: [0] })
      await lab.pass(20)
    }
    expect(gossip.stats()).toMatchObject({ bannedPeers: 1, neighbors: 1 })
    for (let step = 0; step < 50; step++) {
      liar('b', { kind: 'view-request', view: [{ address: 'c', age: 0 }] })
      await lab.pass(100)
      expect(gossip.peers().map(({ address }) => address)).toEqual(['b'])
    }
  })

  it('what was pending from it is requested from others at once', () => {
    const node = engine()
    const [request] = node.receive(0, 'liar', ihave('wanted'))
    expect(request).toMatchObject({ to: 'liar', message: { kind: 'content-request' } })
    expect(node.receive(1, 'other', ihave('wanted'))).toEqual([])
    node.reputation.malformed(2, 'liar')
    node.reputation.malformed(2, 'liar')
    expect(node.reputation.malformed(2, 'liar')).toMatchObject([
      { kind: 'violation', bannedMs: TEN_MINUTES_MS },
      { kind: 'send', to: 'other', message: { kind: 'content-request' } }
    ])
  })
})

describe('updates that some nodes reject and others send on', () => {
  it.each([
    [20, 200],
    [200, 20]
  ])('ban no peer in a group of 8, %i updates', async (updates, intervalMs) => {
    const lab = new Lab()
    const isOld = (content: Uint8Array): boolean => content[4] === 1
    const validate = ({ content }: { content: Uint8Array }): 'accept' | 'reject' =>
      isOld(content) ? 'reject' : 'accept'
    await lab.many(8, (index) => (index < 4 ? {} : { validate }))
    await lab.pass(2000)
    let largest = 0
    for (let each = 0; each < updates; each++) {
      const content = lab.bytes(100)
      content[4] = 1
      lab.nodes[each % 4]!.gossip.submit(content)
      if (each % 10 === 9) lab.nodes[each % 8]!.gossip.submit(lab.bytes(100))
      await lab.pass(intervalMs)
      for (const { gossip } of lab.nodes) largest = Math.max(largest, gossip.stats().bannedPeers)
    }
    await lab.pass(5000)
    expect(largest).toBe(0)
    const byOld = lab.nodes.slice(0, 4).map(({ gossip }) => gossip.stats().activeUpdates)
    const byNew = lab.nodes.slice(4).map(({ gossip }) => gossip.stats().activeUpdates)
    expect(byOld).toEqual(Array(4).fill(updates + updates / 10))
    expect(byNew).toEqual(Array(4).fill(updates / 10))
  })

  it('ban a peer that sends nothing else, far above what is sent on', async () => {
    const lab = new Lab()
    const { gossip, counts } = await lab.add({ validate: () => 'reject' })
    const tell = await lab.liar('liar')
    let rejected = 0
    for (let message = 0; message < 40 && counts['banned'] === undefined; message++) {
      tell(gossip.address, push(Array.from({ length: 100 }, () => lab.bytes(20))))
      await lab.pass(100)
      rejected = gossip.stats().dropped['validator-rejected']
    }
    expect(counts['banned']).toBe(1)
    expect(rejected).toBeGreaterThanOrEqual(2990)
    await lab.pass(1000)
    expect(counts['banned']).toBe(1)
  })
})

it('pushed contents make up for no violation', () => {
  const node = engine()
  let bans = 0
  for (let index = 0; index < 20; index++) {
    node.receive(100 * index, 'liar', push([text(`noise ${index}`)]))
    const wrong = { ...push([text(`wrong ${index}`)]), check: 1 }
    const effects = node.receive(100 * index + 50, 'liar', wrong)
    bans += effects.filter((each) => each.kind === 'violation' && each.bannedMs > 0).length
  }
  expect(bans).toBeGreaterThan(0)
})
