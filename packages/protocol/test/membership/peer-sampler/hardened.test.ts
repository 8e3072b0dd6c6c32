/** Checks a hardened node against attackers that flood its view. */

import { describe, expect, it } from 'vitest'
import type { PeerSampler } from '../../../src/membership/peer-sampler.ts'
import { addresses, sampler, tellOf } from './sampler.ts'

describe('a hardened node', () => {
  const named = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, n) => `${kind}${n}`)

  /** Lets periods pass in which all but `silent` answer requests, with empty views, and `from` pushes `pushed`. */
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
        node.noteAlive(to)
        node.receive(nowMs, to, { kind: 'view-response', view: tellOf([to, 0]) })
      }
    }
  }

  const targetsOf = (node: PeerSampler): string[] =>
    Array.from({ length: 100 }, () => node.targets(1)[0]!)
  const areEvil = (targets: string[]): number =>
    targets.filter((target) => target.startsWith('evil')).length

  it.each([true, false])(
    'hardened %s: whether an attacker that floods the view chooses the targets',
    (hardened) => {
      const node = sampler({ hardened, viewSize: 12, healing: 3, swapping: 3 })
      const correct = named('h', 36)
      for (let period = 0; period < 99; period++) {
        const first = 12 * (period % 3)
        pass(node, 1000 * (period + 1), 1, 'h0', correct.slice(first, first + 12))
      }
      pass(node, 100_000, 40, 'evil1', named('evil', 12))
      // A quarter of all peers are attackers.
      if (hardened) expect(areEvil(targetsOf(node))).toBeLessThan(50)
      else expect(areEvil(targetsOf(node))).toBeGreaterThan(90)
    }
  )

  it('uses the view until a peer is verified, and not peers that only sent', () => {
    const node = sampler({ hardened: true })
    node.receive(0, 'a', { kind: 'view-request', view: tellOf(['a', 0]) })
    expect(node.targets(2)).toEqual(['a'])
    node.sendFailed(1, 'a')
    node.sendFailed(2, 'a')
    expect(node.targets(1)).toEqual([])
  })

  it('keeps two contacts of its peer source, however many attackers are verified: one choice in ten is one of them', () => {
    const node = sampler({ hardened: true })
    node.join(0, ['seed1', 'seed2', 'seed3'])
    for (const seed of ['seed1', 'seed2', 'seed3']) {
      node.noteAlive(seed)
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
        // Only attackers answer.
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

  it('tries an unreachable anchor until it answers, and then keeps it again', () => {
    const node = sampler({ hardened: true })
    node.join(0, ['seed'])
    node.noteAlive('seed')
    expect(targetsOf(node)).toContain('seed')
    node.sendFailed(1, 'seed')
    expect(node.targets(1)).toEqual([])
    expect(node.tick(1000).map(({ to }) => to)).toEqual(['seed'])
    node.noteAlive('seed')
    expect(targetsOf(node)).toContain('seed')
  })

  it('drops peers that do not answer from its sample', () => {
    const node = sampler({ hardened: true })
    const proved = named('h', 12)
    pass(node, 1000, 60, 'h0', proved)
    const silent = node.targets(1)[0]!
    pass(node, 61_000, 60, 'h0', proved, silent)
    // It is still spoken of, so the view may name it; the sample does not.
    expect(targetsOf(node).filter((target) => target === silent)).toEqual([])
  })

  it('has no anchors from before a restart', () => {
    const node = sampler({ hardened: true })
    node.join(0, ['past'], [])
    node.noteAlive('past')
    expect(node.targets(1)).toEqual([])
  })

  it('keeps verified peers over a restart', () => {
    const node = sampler({ hardened: true })
    pass(node, 1000, 60, 'h0', named('h', 12))
    const proved = node.knownAddresses()
    expect(new Set(proved).size).toBe(proved.length)
    expect(proved).toEqual(expect.arrayContaining(addresses(node)))
  })
})
