/** The points of the design space that the papers' figures are about. */

import type { MembershipPolicy } from '@rumormill/protocol'
import { policy } from '@rumormill/protocol/engine'
import type { CycleGroupOptions, CycleMembership } from '../cycles/cycle-group.ts'
import type { Scale } from './experiment.ts'

export type Selection = 'rand' | 'tail'

export const POLICIES: readonly MembershipPolicy[] = ['blind', 'healer', 'swapper']

/** (selection, H, S), push and pull. The published curves fit buffers of c/2 entries beside the own one. */
export function membershipAt(
  { viewSize }: Scale,
  selection: Selection,
  healing: number,
  swapping: number
): CycleMembership {
  return {
    push: true,
    pull: true,
    selection,
    viewSize,
    healing,
    swapping,
    exchangeSize: Math.floor(viewSize / 2)
  }
}

/** What a group of the experiment is made with. */
export function groupOf({ seed, core }: Scale, membership: CycleMembership): CycleGroupOptions {
  return { seed, membership, ...(core === undefined ? {} : { core }) }
}

/** A named corner of the design space. */
export function membershipOf(
  scale: Scale,
  selection: Selection,
  name: MembershipPolicy
): CycleMembership {
  const { healing, swapping } = policy(name, scale.viewSize)
  return membershipAt(scale, selection, healing, swapping)
}
