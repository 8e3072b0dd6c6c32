import { describe, expect, it } from 'vitest'
import { Broadcaster } from '../../src/broadcast/broadcaster.ts'
import type { BroadcastConfig } from '../../src/broadcast/config.ts'
import type { MessageOf, Send } from '../../src/model/message.ts'
import { createRng } from '../../src/model/random.ts'
import {
  blake3Hash,
  digestKey,
  packDigests,
  type DigestKey,
  type KeyedUpdate
} from '../../src/model/update.ts'

const PEERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const digest = (text: string): Uint8Array => blake3Hash(new TextEncoder().encode(text))
const key = (text: string): DigestKey => digestKey(digest(text), 0)
const digests = (...texts: string[]): Uint8Array => packDigests(texts.map(digest))

const CONTENT = new Uint8Array(100)

function update(text: string, content: Uint8Array = CONTENT): KeyedUpdate {
  return { key: key(text), content }
}

/** Returns an update of another node, as it is delivered here. */
function fresh(text: string): { update: KeyedUpdate; submittedAtMs: number } {
  return { update: update(text), submittedAtMs: 0 }
}

/** Returns the result of a push. */
function arrived(
  taken: DigestKey[],
  duplicates: DigestKey[] = [],
  refused: DigestKey[] = []
): Parameters<Broadcaster['eager']['pushed']>[3] {
  return { taken, duplicates, refused }
}

function broadcaster(
  changes: Partial<BroadcastConfig> = {},
  maxDigestsPerMessage = 100,
  self = '0'
): Broadcaster {
  const config: BroadcastConfig = {
    mode: 'lazy',
    degree: 3,
    neighborMs: 10_000,
    eagerBytes: 200,
    lazyMs: 100,
    ...changes
  }
  return new Broadcaster(
    self,
    config,
    { maxDigestsPerMessage, maxBatchBytes: 1000, periodMs: 2000 },
    createRng(1),
    0
  )
}

/** Ticks with the first `viewSize` of {@link PEERS} to choose from. */
function tick(node: Broadcaster, nowMs: number, viewSize = PEERS.length): Send[] {
  return node.tick(nowMs, viewSize, (count) => PEERS.slice(0, Math.min(viewSize, count)))
}

function announced(sends: readonly Send[]): Record<string, Uint8Array> {
  return Object.fromEntries(
    sends.map(({ to, message }) => [to, (message as { digests: Uint8Array }).digests])
  )
}

describe('neighbors', () => {
  it('are chosen at once, as many as the degree, and notified', () => {
    const node = broadcaster()
    expect(tick(node, 0)).toEqual(
      ['a', 'b', 'c'].map((to) => ({ kind: 'send', to, message: { kind: 'neighbor' } }))
    )
    expect(node.neighbors(0).length).toBe(3)
    expect(tick(node, 500)).toEqual([])
  })

  it('are looked for again while there are too few, and replaced when they cannot be reached', () => {
    const node = broadcaster()
    expect(Object.keys(announced(tick(node, 0, 1)))).toEqual(['a'])
    expect(Object.keys(announced(tick(node, 500, 2)))).toEqual(['b'])
    node.forget('a')
    expect(node.neighbors(600).length).toBe(1)
    expect(Object.keys(announced(tick(node, 1000)))).toEqual(['a', 'c'])
  })

  it('get a message at intervals, and one of them is replaced', () => {
    const node = broadcaster()
    tick(node, 0)
    const greeted = Object.keys(announced(tick(node, 10_000)))
    expect(greeted).toHaveLength(3)
    expect(node.neighbors(10_000).length).toBe(3)
  })

  it('are also peers that chose this node, up to twice the degree, until a message is missing', () => {
    const node = broadcaster({ degree: 1 })
    for (const peer of ['x', 'y', 'z']) node.neighbor(0, peer)
    expect(node.neighbors(0).length).toBe(2)
    node.neighbor(10_000, 'x')
    // Digests are no such message.
    node.ihave('y', digests('1'))
    expect(node.neighbors(14_999).length).toBe(2)
    expect(node.neighbors(15_000).length).toBe(1)
    node.neighbor(15_000, 'z')
    expect(node.neighbors(15_000).length).toBe(2)
  })
})

describe('fresh updates', () => {
  it('go at once to all neighbors, in one message each', () => {
    const node = broadcaster()
    tick(node, 0)
    node.neighbor(0, 'x')
    node.submitted(100, update('1'))
    node.submitted(100, update('2'))
    expect(node.dueMs).toBe(100)
    const both = digests('1', '2')
    expect(announced(tick(node, 100))).toEqual({ a: both, b: both, c: both, x: both })
    expect(tick(node, 100)).toEqual([])
  })

  it('wait for neighbors, a while', () => {
    const node = broadcaster({ degree: 1 })
    node.submitted(0, update('too old'))
    node.submitted(100, update('1'))
    expect(node.tick(100, 0, () => [])).toEqual([])
    node.neighbor(2050, 'x')
    expect(node.dueMs).toBe(0)
    expect(announced(node.tick(2050, 0, () => []))).toEqual({ x: digests('1') })
    expect(node.dueMs).toBeGreaterThan(2050)
  })

  it('are not sent to peers that named them, or to the one that brought them', () => {
    const node = broadcaster()
    tick(node, 0)
    node.ihave('a', digests('1', '2'))
    node.ihave('b', digests('1'))
    node.accepted(2, fresh('1'), 'c')
    node.accepted(2, fresh('2'), 'c')
    expect(announced(tick(node, 2))).toEqual({ b: digests('2') })
  })

  it('are cut to what one message holds', () => {
    const node = broadcaster({ degree: 1 }, 2)
    tick(node, 0)
    for (const each of ['1', '2', '3']) node.submitted(1, update(each))
    expect(
      tick(node, 1).map(({ message }) => (message as { digests: Uint8Array }).digests)
    ).toEqual([digests('1', '2'), digests('3')])
  })

  it('named by peers that never bring them take bounded memory', () => {
    const node = broadcaster()
    tick(node, 0)
    node.ihave('a', digests('first'))
    for (let n = 0; n < 4096; n++) node.ihave('b', digests(`${n}`))
    node.submitted(3, update('first'))
    // Forgotten, so announced once too often.
    expect(Object.keys(announced(tick(node, 3)))).toEqual(['a', 'b', 'c'])
  })
})

it('off sends and expects nothing', () => {
  const node = broadcaster({ mode: 'off' })
  node.ihave('a', digests('1'))
  node.submitted(0, update('1'))
  expect([node.dueMs, node.neighbors(0).length, tick(node, 1e9)]).toEqual([Infinity, 0, []])
})

describe('a small update', () => {
  const eager = (changes: Partial<BroadcastConfig> = {}): Broadcaster =>
    broadcaster({ mode: 'eager', ...changes })
  const kinds = (sends: readonly Send[]): string[] =>
    sends.map(({ to, message }) => `${message.kind} ${to}`)
  const TREE = 77

  it('of another node is pushed at once to all but the one that brought it, and lazily to those that may have missed it', () => {
    const node = eager()
    tick(node, 0)
    node.neighbor(0, 'x')
    node.eager.pushed(1, 'x', TREE, arrived([key('1')]))
    node.accepted(1, fresh('1'), 'x')
    const sends = tick(node, 1)
    expect(kinds(sends)).toEqual(['eager-push a', 'eager-push b', 'eager-push c'])
    expect(sends[0]).toMatchObject({
      message: { tree: TREE, contents: [CONTENT] },
      serves: [key('1')]
    })
    node.eager.pruned('b', TREE)
    node.neighbor(1, 'y')
    expect(node.dueMs).toBe(101)
    expect(announced(tick(node, 101))).toEqual({ y: digests('1') })
  })

  it('is not pushed lazily where rounds are as frequent', () => {
    const node = eager({ lazyMs: 2000 })
    tick(node, 0)
    node.neighbor(0, 'x')
    node.eager.pushed(1, 'x', TREE, arrived([key('1')]))
    node.accepted(1, fresh('1'), 'x')
    tick(node, 1)
    node.neighbor(1, 'y')
    // Later than both turns: that is the next greeting.
    expect(node.dueMs).toBeGreaterThan(1 + 2 * 2000)
  })

  it('is pushed lazily by one of two that have it: the other waits for a second turn', () => {
    const node = broadcaster({ mode: 'eager' }, 100, 'z')
    tick(node, 0)
    for (const peer of ['x', 'y']) node.neighbor(0, peer)
    node.eager.pushed(1, 'x', TREE, arrived([key('1')]))
    node.accepted(1, fresh('1'), 'x')
    for (const { to } of tick(node, 1)) node.eager.pruned(to, TREE)
    node.neighbor(1, 'v')
    node.neighbor(1, 'w')
    expect(tick(node, 101)).toEqual([])
    node.ihave('v', digests('1'))
    expect(announced(tick(node, 201))).toEqual({ w: digests('1') })
    expect(tick(node, 1000)).toEqual([])
  })

  it('goes down the branches that are left, in one message for each tree', () => {
    const node = eager()
    tick(node, 0)
    for (const [atMs, each] of [
      [1, '1'],
      [2, '2']
    ] as const) {
      node.eager.pushed(1, 'x', TREE, arrived([key(each)]))
      node.accepted(atMs, fresh(each), 'x')
      tick(node, atMs)
      node.eager.pruned('b', TREE)
    }
    node.eager.pushed(1, 'x', TREE, arrived([key('3'), key('4')]))
    for (const each of ['3', '4']) node.accepted(3, fresh(each), 'x')
    const sends = tick(node, 3)
    expect(kinds(sends)).toEqual(['eager-push a', 'eager-push c'])
    expect(sends[0]).toMatchObject({ message: { contents: [CONTENT, CONTENT] } })
  })

  it('that comes a second time is answered by a prune, one that the same peer says twice is not', () => {
    const node = eager()
    tick(node, 0)
    node.eager.pushed(1, 'x', TREE, arrived([key('1')]))
    node.accepted(1, fresh('1'), 'x')
    expect(node.eager.pushed(1, 'x', TREE, arrived([], [key('1')]))).toEqual([])
    expect(node.eager.pushed(1, 'y', TREE, arrived([], [key('1')]))).toEqual([
      { kind: 'send', to: 'y', message: { kind: 'prune', tree: TREE } }
    ])
    expect(node.eager.pushed(1, 'z', TREE, arrived([key('2')], [key('1')]))).toEqual([])
  })

  it('keeps its branch when two updates cross, each first by another path, and is not sent back', () => {
    const node = eager()
    tick(node, 0)
    node.eager.pushed(1, 'a', TREE, arrived([key('1')]))
    node.accepted(1, fresh('1'), 'a')
    expect(kinds(node.eager.pushed(1, 'b', TREE, arrived([], [key('1')])))).toEqual(['prune b'])
    node.eager.pushed(1, 'b', TREE, arrived([key('2')]))
    node.accepted(1, fresh('2'), 'b')
    expect(kinds(node.eager.pushed(1, 'a', TREE, arrived([], [key('2')])))).toEqual([])
    expect(kinds(tick(node, 1))).toEqual(['eager-push c'])
  })

  it('that had to be fetched here adds a branch', () => {
    const node = eager()
    tick(node, 0)
    node.eager.pushed(1, 'x', TREE, arrived([key('1')]))
    node.accepted(1, fresh('1'), 'x')
    tick(node, 1)
    node.eager.fetched('late', digests('1', 'never heard of'))
    node.eager.pushed(1, 'x', TREE, arrived([key('2')]))
    node.accepted(2, fresh('2'), 'x')
    expect(kinds(tick(node, 2))).toContain('eager-push late')
  })

  it('of this node uses a tree from the second one on, or from the first when it is tiny', () => {
    const node = eager()
    tick(node, 0)
    node.submitted(1, update('1'))
    expect(kinds(tick(node, 1))[0]).toBe('ihave a')
    node.submitted(2, update('2'))
    expect(kinds(tick(node, 2))[0]).toBe('eager-push a')
    const other = eager()
    tick(other, 0)
    other.submitted(1, update('1', CONTENT.subarray(0, 64)))
    expect(kinds(tick(other, 1))[0]).toBe('eager-push a')
  })

  it('is named by its digest when it is larger, or one of many at once', () => {
    const node = eager({ degree: 1 })
    tick(node, 0)
    node.submitted(1, update('1', new Uint8Array(200)))
    tick(node, 1)
    node.submitted(2, update('2', new Uint8Array(201)))
    expect(kinds(tick(node, 2))).toEqual(['ihave a'])
    for (let n = 0; n < 5; n++) node.submitted(3, update(`${n} of five`, new Uint8Array(200)))
    expect(kinds(tick(node, 3))).toEqual(['ihave a'])
    for (let n = 0; n < 4; n++) node.submitted(4, update(`${n} of four`, new Uint8Array(200)))
    expect(kinds(tick(node, 4))).toEqual(['eager-push a'])
  })

  it('shares a message with others up to the batch limit', () => {
    const node = eager({ degree: 1, eagerBytes: 400 })
    tick(node, 0)
    node.submitted(1, update('first'))
    tick(node, 1)
    for (let n = 0; n < 4; n++) node.submitted(2, update(`${n}`, new Uint8Array(400)))
    expect(
      tick(node, 2).map(({ message }) => (message as MessageOf<'eager-push'>).contents.length)
    ).toEqual([2, 2])
  })
})

it('a bounded number of pushed updates waits for a lazy push', () => {
  const node = broadcaster({ mode: 'eager', degree: 1, lazyMs: 1000 }, 10_000)
  tick(node, 0)
  node.neighbor(0, 'x')
  for (let n = 0; n < 5000; n++) {
    node.eager.pushed(1, 'x', 1, arrived([key(`${n}`)]))
    node.accepted(1, fresh(`${n}`), 'x')
    tick(node, 1)
    node.eager.pruned('a', 1)
  }
  node.neighbor(1, 'y')
  expect(
    (tick(node, 1001).find(({ to }) => to === 'y')!.message as { digests: Uint8Array }).digests
  ).toHaveLength(32 * 4096)
})
