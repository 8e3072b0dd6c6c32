import { describe, expect, it } from 'vitest'
import { Engine } from '../../src/engine/engine.ts'
import type { Message, MessageOf } from '../../src/model/message.ts'
import { createRng } from '../../src/model/random.ts'
import { blake3Hash, digestCheck, digestKey } from '../../src/model/update.ts'
import { PRESETS } from '../../src/options/presets.ts'
import { VirtualGroup, type VirtualGroupOptions } from './virtual-group.ts'

const SIZE = 30
const LATENCY_MS = 10
const SUBMITTER = 3
/** More than a first update may have, to be handed on. */
const PADDING = ' '.repeat(100)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const pushOf = (contents: Uint8Array[], tree = 7): MessageOf<'eager-push'> => ({
  kind: 'eager-push',
  tree,
  check: digestCheck(contents.map((content) => digestKey(blake3Hash(content), 0))),
  contents,
  ages: contents.map(() => 0)
})

interface Run {
  readonly group: VirtualGroup
  readonly messages: Message[]
}

/** A group that has found itself, and in which `SUBMITTER` has a tree. Rounds are so far apart that they play no part. */
function grown(seed: number, options: Partial<VirtualGroupOptions> = {}): Run {
  const messages: Message[] = []
  const group = new VirtualGroup({
    size: SIZE,
    seed,
    broadcast: { mode: 'eager' },
    antiEntropy: { periodMs: 1e6 },
    watch: (_from, _to, message) => void messages.push(message),
    ...options
  })
  group.run(5000)
  for (const text of ['first', 'second', 'third']) say(group, text)
  messages.length = 0
  return { group, messages }
}

/** Milliseconds until all that live have it, or 10,000. */
function say(group: VirtualGroup, text: string): number {
  const beganMs = group.nowMs
  group.submit(SUBMITTER, text + PADDING)
  group.run(10_000, () =>
    group.nodes.every(
      ({ alive, delivered }, n) => !alive || n === SUBMITTER || delivered.includes(text + PADDING)
    )
  )
  const tookMs = group.nowMs - beganMs
  group.run(1000)
  return tookMs
}

describe('a tree', () => {
  it.each([1, 2, 3])(
    'carries an update to all nodes at the speed of the network, each content once (seed %i)',
    (seed) => {
      const { group, messages } = grown(seed)
      expect(say(group, 'fourth')).toBeLessThanOrEqual(4 * LATENCY_MS)
      const pushes = messages.filter(({ kind }) => kind === 'eager-push')
      expect(pushes.length).toBeLessThanOrEqual(SIZE)
      expect(
        messages.filter(({ kind }) => kind === 'content-request' || kind === 'content-response')
      ).toEqual([])
    }
  )

  it.each([1, 2, 3])(
    'is repaired where nodes have died, and all others get each update (seed %i)',
    (seed) => {
      const { group, messages } = grown(seed)
      for (const n of [5, 6, 7, 8, 9, 10]) group.nodes[n]!.alive = false
      expect(say(group, 'in need of repair')).toBeLessThan(1000)
      say(group, 'repaired')
      messages.length = 0
      expect(say(group, 'whole')).toBeLessThanOrEqual(6 * LATENCY_MS)
      expect(messages.filter(({ kind }) => kind === 'eager-push').length).toBeLessThanOrEqual(SIZE)
    }
  )

  it.each([1, 2, 3])('loses no update at 30 % loss (seed %i)', (seed) => {
    const { group } = grown(seed, { loss: 0.3, antiEntropy: {} })
    for (let n = 0; n < 20; n++) group.submit(n % 5, `update ${n}`)
    group.run(60_000)
    group.nodes.forEach(({ delivered }, n) => {
      const due = Array.from({ length: 20 }, (_, each) => each)
        .filter((each) => each % 5 !== n)
        .map((each) => `update ${each}`)
      expect(delivered.filter((text) => text.startsWith('update')).toSorted()).toEqual(
        due.toSorted()
      )
    })
  })
})

describe('a pushed content', () => {
  const group = (freeSlots = Infinity): VirtualGroup =>
    new VirtualGroup({ size: 2, seed: 1, broadcast: { mode: 'eager' }, freeSlots })
  const node = (each: VirtualGroup): VirtualGroup['nodes'][number]['engine'] =>
    each.nodes[0]!.engine

  it('is accepted once, without a request', () => {
    const { receive } = bound(node(group()))
    expect(receive(pushOf([bytes('a'), bytes('b')])).map(({ kind }) => kind)).toEqual([
      'deliver',
      'deliver'
    ])
    expect(receive(pushOf([bytes('a')]))).toEqual([])
  })

  it('is not accepted damaged, and counts against its sender', () => {
    const { receive } = bound(node(group()))
    const effects = receive({
      ...pushOf([bytes('a'), bytes('b')]),
      contents: [bytes('a'), bytes('c')]
    })
    expect(effects.map((effect) => ('reason' in effect ? effect.reason : effect.kind))).toEqual([
      'malformed-content',
      'malformed'
    ])
    expect(receive(pushOf([new Uint8Array(0)])).map(({ kind }) => kind)).toEqual([
      'dropped',
      'violation'
    ])
  })

  it('waits for a later round when the queue of the handler is full', () => {
    const engine = node(group(2))
    const effects = bound(engine).receive(pushOf(['a', 'b', 'c'].map(bytes)))
    expect(effects).toMatchObject([
      { kind: 'deliver' },
      { kind: 'deliver' },
      { kind: 'dropped', reason: 'handler-queue-full', count: 1 },
      {
        kind: 'send',
        to: '1',
        message: { kind: 'refused', tree: 7, digests: blake3Hash(bytes('c')) }
      }
    ])
    expect(engine.status(1, digestKey(blake3Hash(bytes('c')), 0))).toBe('unknown')
  })
})

it('goes on along the same tree after validation, and not as an own update', () => {
  const { membership, store, fetch, antiEntropy, broadcast } = PRESETS.lan
  const engine = new Engine({
    self: '0',
    membership,
    store,
    fetch,
    antiEntropy,
    broadcast,
    validates: true,
    hash: blake3Hash,
    rng: createRng(1),
    nowMs: 0
  })
  engine.receive(0, 'neighbor', { kind: 'ihave', digests: new Uint8Array(0) })
  engine.receive(0, 'neighbor', { kind: 'view-request', view: [{ address: 'neighbor', age: 0 }] })
  const content = bytes('of somebody else' + PADDING)
  expect(engine.receive(1, 'parent', pushOf([content])).map(({ kind }) => kind)).toEqual([
    'validate'
  ])
  expect(
    engine.validated(2, digestKey(blake3Hash(content), 0), 'accept').map(({ kind }) => kind)
  ).toEqual(['deliver'])
  const pushes = engine
    .tick(2)
    .flatMap((effect) =>
      effect.kind === 'send' && effect.message.kind === 'eager-push'
        ? [[effect.to, effect.message.tree]]
        : []
    )
  expect(pushes).toEqual([['neighbor', 7]])
})

function bound(engine: VirtualGroup['nodes'][number]['engine']): {
  receive: (message: Message) => ReturnType<typeof engine.receive>
} {
  return { receive: (message) => engine.receive(0, '1', message) }
}
