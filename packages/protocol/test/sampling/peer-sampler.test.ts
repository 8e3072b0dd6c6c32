import { describe, expect, it } from 'vitest'
import type { Send, ViewRequest } from '../../src/message.ts'
import { createRng } from '../../src/random.ts'
import { defaultExchangeSize, policy, type SamplingConfig } from '../../src/sampling/config.ts'
import { PeerSampler } from '../../src/sampling/peer-sampler.ts'

const config: SamplingConfig = {
  push: true,
  pull: true,
  selection: 'rand',
  viewSize: 6,
  healing: 1,
  swapping: 2,
  exchangeSize: 2,
  periodMs: 1000,
  jitter: 0,
  maxFailedSends: 2,
  maxPastPeers: 4,
  pastPeerMs: 100_000,
  hardened: false
}

function sampler(changes: Partial<SamplingConfig> = {}, seed = 1): PeerSampler {
  return new PeerSampler('me', { ...config, ...changes }, createRng(seed), 0)
}

/** A sampler that has just heard of these, the first by itself: their ages are 1, 2, 2, ... */
function knowing(addresses: string[], changes: Partial<SamplingConfig> = {}): PeerSampler {
  const node = sampler(changes)
  node.receive(0, addresses[0]!, {
    kind: 'view-request',
    view: addresses.map((address) => ({ address, age: 0 }))
  })
  return node
}

const addresses = (from: PeerSampler): string[] =>
  from
    .peers()
    .map(({ address }) => address)
    .sort()
const sends = (effects: readonly { kind: string }[]): Send[] =>
  effects.filter((each) => each.kind === 'send') as Send[]
const tellOf = (...entries: [string, number][]): { address: string; age: number }[] =>
  entries.map(([address, age]) => ({ address, age }))

describe('the active thread (fig. 1)', () => {
  it('opens one exchange a period, with its own entry first and c/2 - 1 of the view', () => {
    const node = knowing(['a', 'b', 'c'])
    expect(node.tick(node.dueMs - 1)).toEqual([])
    const dueMs = node.dueMs
    expect(dueMs).toBeLessThan(1000)
    const [send] = node.tick(dueMs)
    expect(send!.message).toMatchObject({ kind: 'view-request' })
    const { view } = send!.message as ViewRequest
    expect(view[0]).toEqual({ address: 'me', age: 0 })
    expect(view).toHaveLength(3)
    expect(node.dueMs).toBe(dueMs + 1000)
  })

  it('fires once when late, not in a burst', () => {
    const node = knowing(['a'])
    expect(node.tick(50_000)).toHaveLength(1)
    expect(node.tick(50_000)).toEqual([])
    expect(node.dueMs).toBe(51_000)
  })

  it('without push sends no view, without pull sends no answer', () => {
    const puller = knowing(['a'], { push: false })
    expect(puller.tick(1000)[0]!.message).toEqual({ kind: 'view-request', view: [] })
    expect(
      sampler({ pull: false }).receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0]) })
    ).toEqual([])
  })

  it('tail picks the oldest entry', () => {
    const node = sampler({ selection: 'tail' })
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['b', 7], ['c', 2]) })
    expect(node.tick(1000)[0]!.to).toBe('b')
  })
})

describe('a simulator that says who is alive (section 2.2, selectPeer)', () => {
  it.each(['rand', 'tail'] as const)(
    '%s passes over the dead, who stay in the view',
    (selection) => {
      const mayAsk = (address: string): boolean => address !== 'dead'
      const node = new PeerSampler('me', { ...config, selection, mayAsk }, createRng(1), 0)
      node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 9], ['b', 3]) })
      const asked = Array.from({ length: 40 }, (_, n) => node.tick(1000 * (n + 1))[0]!.to)
      expect([...new Set(asked)].sort()).toEqual(selection === 'tail' ? ['b'] : ['a', 'b'])
      expect(addresses(node)).toEqual(['a', 'b', 'dead'])
    }
  )

  it('asks nobody when nobody may be asked', () => {
    const node = new PeerSampler('me', { ...config, mayAsk: () => false }, createRng(1), 0)
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0]) })
    expect(node.tick(1000)).toEqual([])
  })
})

describe('ageing (papers: both sides, once per exchange)', () => {
  it('crate flaw 12: the initiator ages once per exchange, on the answer', () => {
    const node = knowing(['a'])
    node.tick(1000)
    expect(node.peers()).toEqual(tellOf(['a', 1]))
    node.receive(1001, 'a', { kind: 'view-response', view: tellOf(['a', 0], ['b', 3]) })
    expect(node.peers()).toEqual(tellOf(['a', 1], ['b', 4]))
  })

  it('an exchange without an answer ages too, at the next round', () => {
    const node = knowing(['a'])
    node.tick(1000)
    node.tick(2000)
    expect(node.peers()).toEqual(tellOf(['a', 2]))
  })

  it('the passive side ages after its merge, and replies before it', () => {
    const node = knowing(['x'])
    const [reply] = sends(
      node.receive(5, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['b', 1]) })
    )
    expect(reply).toEqual({
      kind: 'send',
      to: 'a',
      message: { kind: 'view-response', view: tellOf(['me', 0], ['x', 1]) }
    })
    expect(node.peers()).toEqual(tellOf(['x', 2], ['a', 1], ['b', 2]))
  })

  it('push only: ages at once', () => {
    const node = knowing(['a'], { pull: false })
    node.tick(1000)
    expect(node.peers()).toEqual(tellOf(['a', 2]))
  })
})

describe('what is believed', () => {
  it('crate flaw 8: a response that nobody asked for is dropped', () => {
    const node = sampler()
    const view = tellOf(['evil1', 0], ['evil2', 0])
    expect(node.receive(0, 'evil', { kind: 'view-response', view })).toEqual([
      { kind: 'drop', reason: 'unasked', count: 1, peer: 'evil' }
    ])
    node.join(['a'])
    node.tick(1000)
    node.receive(1001, 'a', { kind: 'view-response', view: tellOf(['a', 0]) })
    expect(node.receive(1002, 'a', { kind: 'view-response', view })).toMatchObject([
      { reason: 'unasked' }
    ])
    expect(addresses(node)).toEqual(['a'])
  })

  it('crate flaw 10: only the sender may be of age 0, and a view has an end', () => {
    const node = sampler()
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['b', 0]) })
    expect(node.peers()).toEqual(tellOf(['a', 1], ['b', 2]))
    const long = Array.from({ length: 100 }, (_, n) => ({ address: `e${n}`, age: 1 }))
    const effects = node.receive(0, 'e', { kind: 'view-request', view: long })
    expect(effects).toContainEqual({ kind: 'drop', reason: 'view-too-long', count: 83, peer: 'e' })
    expect(node.peers()).toHaveLength(6)
  })

  it('never its own address', () => {
    const node = knowing(['me', 'a'])
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['me', 3]) })
    expect(addresses(node)).toEqual(['a'])
  })
})

describe('crate flaw 13: peers that cannot be reached', () => {
  it('leave a view that is not full after two failed sends in a row', () => {
    const node = knowing(['a', 'b'])
    node.sendFailed(10, 'a')
    node.heard('a')
    node.sendFailed(20, 'a')
    expect(addresses(node)).toEqual(['a', 'b'])
    node.sendFailed(30, 'a')
    expect(addresses(node)).toEqual(['b'])
    expect(node.pastPeers).toBe(1)
  })

  it('stay when asked for, as in the paper', () => {
    const node = knowing(['a'], { maxFailedSends: Infinity })
    for (let n = 0; n < 100; n++) node.sendFailed(n, 'a')
    expect(addresses(node)).toEqual(['a'])
  })

  it('are not brought back by rumours that may be older than the failure', () => {
    const node = knowing(['a', 'dead'], { maxFailedSends: 1 })
    node.sendFailed(10_000, 'dead')
    node.receive(12_000, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 3]) })
    expect(addresses(node)).toEqual(['a'])
    node.receive(17_000, 'a', { kind: 'view-request', view: tellOf(['a', 0], ['dead', 4]) })
    expect(addresses(node)).toEqual(['a', 'dead'])
  })

  it('are tried again, one a period in turn, and come back by answering', () => {
    const node = knowing(['a', 'x', 'y'], { maxFailedSends: 1 })
    node.sendFailed(0, 'x')
    node.sendFailed(0, 'y')
    const tried = [1000, 2000, 3000].map((nowMs) => node.tick(nowMs)[0]!.to)
    expect(tried).toEqual(['x', 'y', 'x'])
    node.heard('x')
    node.receive(3001, 'x', { kind: 'view-response', view: tellOf(['x', 0]) })
    expect(addresses(node)).toEqual(['a', 'x'])
    expect(node.pastPeers).toBe(1)
  })

  it('crate flaw 11: are tried without disturbing what the swap removes', () => {
    const node = knowing(['a', 'b', 'c', 'd', 'e', 'dead'], { maxFailedSends: 1, healing: 0 })
    node.sendFailed(0, 'dead')
    node.receive(0, 'f', { kind: 'view-request', view: tellOf(['f', 0]) })
    const [past, round] = node.tick(1000)
    expect(past!.to).toBe('dead')
    const [, ...sent] = (round!.message as ViewRequest).view.map(({ address }) => address)
    node.receive(1001, round!.to, { kind: 'view-response', view: tellOf(['x', 1], ['y', 1]) })
    expect(addresses(node).filter((address) => sent.includes(address))).toEqual([])
  })

  it('are forgotten in time, and never more than allowed are remembered', () => {
    const node = sampler({ maxFailedSends: 1, viewSize: 100, maxPastPeers: 3 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      node.receive(0, name, { kind: 'view-request', view: tellOf([name, 0]) })
      node.sendFailed(0, name)
    }
    expect(node.pastPeers).toBe(3)
    expect(node.tick(100_000)).toEqual([])
    expect(node.pastPeers).toBe(0)
  })
})

describe('joining', () => {
  it('asks three contacts at once, and the others in their turn, until somebody is known', () => {
    const node = sampler()
    const first = node.join(['a', 'b', 'c', 'd', 'a', 'me']).map(({ to }) => to)
    const then = node.tick(1000).map(({ to }) => to)
    expect([first.length, then.length, new Set([...first, ...then]).size]).toEqual([3, 3, 4])
    node.heard(then[0]!)
    node.receive(1001, then[0]!, { kind: 'view-response', view: tellOf([then[0]!, 0]) })
    // Then one a period besides the round, until all have answered: a late one is not forgotten.
    const later = [2000, 3000, 4000].flatMap((nowMs) =>
      node
        .tick(nowMs)
        .slice(0, -1)
        .map(({ to }) => to)
    )
    expect(later.toSorted()).toEqual(['a', 'b', 'c', 'd'].filter((contact) => contact !== then[0]))
    for (const contact of later) node.heard(contact)
    expect(node.tick(5000)).toHaveLength(1)
  })

  it('contacts enter by answering, under the name that they give themselves', () => {
    const node = sampler()
    node.join(['a.example'])
    expect(node.peers()).toEqual([])
    node.receive(1, 'a.example', { kind: 'view-response', view: tellOf(['a', 0]) })
    expect(addresses(node)).toEqual(['a'])
    expect(node.join(['a', 's'])).toMatchObject([{ to: 's' }])
  })

  it('without pull nobody answers, so contacts are taken as they are', () => {
    const node = sampler({ pull: false })
    node.join(['a', 'b'])
    expect(addresses(node)).toEqual(['a', 'b'])
  })
})

it('targets are different peers, at most as many as there are', () => {
  const node = knowing(['a', 'b'])
  expect(node.targets(5).sort()).toEqual(['a', 'b'])
  expect(sampler().targets(1)).toEqual([])
})

it('crate flaw 14: the smallest views exchange something', () => {
  expect([1, 2, 3, 4, 6, 30].map(defaultExchangeSize)).toEqual([1, 1, 1, 1, 2, 14])
  const node = knowing(['a', 'b'], { viewSize: 1, exchangeSize: 1, healing: 0 })
  expect(node.peers()).toHaveLength(1)
  expect(node.tick(1000)).toHaveLength(1)
})

it('the policies are the corners of the triangle', () => {
  expect([policy('blind', 30), policy('healer', 30), policy('swapper', 30)]).toEqual([
    { healing: 0, swapping: 0 },
    { healing: 15, swapping: 0 },
    { healing: 0, swapping: 15 }
  ])
})

it('crate flaw 27: periods jitter both ways', () => {
  const node = sampler({ jitter: 0.5 })
  const periods: number[] = []
  for (let n = 0; n < 200; n++) {
    const nowMs = node.dueMs
    node.tick(nowMs)
    periods.push(node.dueMs - nowMs)
  }
  expect(Math.min(...periods)).toBeLessThan(600)
  expect(Math.max(...periods)).toBeGreaterThan(1400)
  expect(periods.every((ms) => ms >= 500 && ms <= 1500)).toBe(true)
})

describe('a hardened node', () => {
  const named = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${kind}${n}`)

  /** Lets periods pass in which everybody asked but `silent` answers, naming nobody, and `from` pushes `pushed`. */
  function pass(
    node: PeerSampler,
    fromMs: number,
    periods: number,
    from: string,
    pushed: string[],
    silent = ''
  ): void {
    for (let nowMs = fromMs; nowMs < fromMs + 1000 * periods; nowMs += 1000) {
      node.receive(nowMs, from, {
        kind: 'view-request',
        view: pushed.map((address) => ({ address, age: 0 }))
      })
      for (const { to } of node.tick(nowMs)) {
        if (to === silent) continue
        node.heard(to)
        node.receive(nowMs, to, { kind: 'view-response', view: tellOf([to, 0]) })
      }
    }
  }

  const targetsOf = (node: PeerSampler): string[] =>
    Array.from({ length: 100 }, () => node.targets(1)[0]!)
  const areEvil = (targets: string[]): number =>
    targets.filter((target) => target.startsWith('evil')).length

  it.each([true, false])(
    'hardened %s: whoever floods its view chooses its targets, or does not',
    (hardened) => {
      const node = sampler({ hardened, viewSize: 12, healing: 3, swapping: 3 })
      const honest = named('h', 36)
      for (let period = 0; period < 99; period++) {
        const first = 12 * (period % 3)
        pass(node, 1000 * (period + 1), 1, 'h0', honest.slice(first, first + 12))
      }
      pass(node, 100_000, 40, 'evil1', named('evil', 12))
      // A quarter of all is evil.
      if (hardened) expect(areEvil(targetsOf(node))).toBeLessThan(50)
      else expect(areEvil(targetsOf(node))).toBeGreaterThan(90)
    }
  )

  it('uses the view until somebody is proved, and not who only spoke', () => {
    const node = sampler({ hardened: true })
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0]) })
    expect(node.targets(2)).toEqual(['a'])
    node.sendFailed(1, 'a')
    node.sendFailed(2, 'a')
    expect(node.targets(1)).toEqual([])
  })

  it('keeps two contacts of its peer source, however many evil ones are proved: one choice of ten is one of them', () => {
    const node = sampler({ hardened: true })
    node.join(['seed1', 'seed2', 'seed3'])
    for (const seed of ['seed1', 'seed2', 'seed3']) {
      node.heard(seed)
      node.receive(0, seed, { kind: 'view-response', view: tellOf([seed, 0]) })
    }
    const evil = named('evil', 6)
    for (let period = 0; period < 300; period++) {
      const nowMs = 1000 * (period + 1)
      node.receive(nowMs, evil[period % 6]!, {
        kind: 'view-request',
        view: tellOf(...evil.map((each): [string, number] => [each, 0]))
      })
      for (const { to } of node.tick(nowMs)) {
        // Only the evil ones answer.
        if (to.startsWith('evil')) node.receive(nowMs, to, { kind: 'view-response', view: [] })
      }
    }
    const targets = targetsOf(node)
    for (let start = 0; start + 10 <= targets.length; start++) {
      expect(targets.slice(start, start + 10).some((target) => target.startsWith('seed'))).toBe(
        true
      )
    }
    expect(new Set(targets.filter((target) => target.startsWith('seed'))).size).toBe(2)
  })

  it('asks an anchor that cannot be reached until it answers, and then keeps it again', () => {
    const node = sampler({ hardened: true })
    node.join(['seed'])
    node.heard('seed')
    expect(targetsOf(node)).toContain('seed')
    node.sendFailed(1, 'seed')
    expect(node.targets(1)).toEqual([])
    expect(node.tick(1000).map(({ to }) => to)).toEqual(['seed'])
    node.heard('seed')
    expect(targetsOf(node)).toContain('seed')
  })

  it('drops from its sample who is silent when asked', () => {
    const node = sampler({ hardened: true })
    const proved = named('h', 12)
    pass(node, 1000, 60, 'h0', proved)
    const silent = node.targets(1)[0]!
    pass(node, 61_000, 60, 'h0', proved, silent)
    // It is still spoken of, so the view may name it; the sample does not.
    expect(targetsOf(node).filter((target) => target === silent)).toEqual([])
  })

  it('has no anchors from an earlier life', () => {
    const node = sampler({ hardened: true })
    node.join(['past'], [])
    node.heard('past')
    expect(node.targets(1)).toEqual([])
  })

  it('remembers for its next life whom it has proved', () => {
    const node = sampler({ hardened: true })
    pass(node, 1000, 60, 'h0', named('h', 12))
    const proved = node.knownAddresses()
    expect(new Set(proved).size).toBe(proved.length)
    expect(proved).toEqual(expect.arrayContaining(addresses(node)))
  })
})
