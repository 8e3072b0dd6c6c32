import { PRESETS } from '@rumormill/protocol/engine'
import { describe, expect, it } from 'vitest'
import { HubAttack } from '../../src/cycles/hub-attack.ts'

const { push, pull, selection, viewSize, healing, swapping, exchangeSize } = PRESETS.lan.membership
const seed = 1

function attacked(hardened: boolean, share: number): HubAttack {
  const attack = new HubAttack({
    nodes: 400,
    seed,
    share,
    pushes: 1,
    membership: { push, pull, selection, viewSize, healing, swapping, exchangeSize, hardened }
  })
  for (let cycle = 0; cycle < 30; cycle++) attack.group.cycle()
  attack.begin()
  for (let cycle = 0; cycle < 60; cycle++) attack.group.cycle()
  attack.damage()
  for (let cycle = 0; cycle < 20; cycle++) attack.group.cycle()
  return attack
}

describe(`the hub attack by one node of ten (seed ${seed})`, () => {
  it('eclipses a group that is not hardened', () => {
    const attack = attacked(false, 0.1)
    const { inViews, eclipsed, amongTargets } = attack.damage()
    expect(inViews).toBeGreaterThan(0.99)
    expect(eclipsed).toBeGreaterThan(0.99)
    expect(amongTargets).toBeGreaterThan(0.99)
    expect(attack.spread(30).at(-1)).toBeLessThan(0.05)
  })

  it('gets about its share of the targets of a hardened group', () => {
    const attack = attacked(true, 0.1)
    const { inViews, eclipsed, amongTargets } = attack.damage()
    expect(amongTargets).toBeLessThan(1.5 * 0.1)
    expect(eclipsed).toBeLessThan(0.01)
    // Attackers are there at all.
    expect(inViews).toBeGreaterThan(0.05)
    expect(attack.spread(30).at(-1)).toBe(1)
  })
})
