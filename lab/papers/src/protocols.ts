/** The points of the design space that the papers' figures show. */

import type { MembershipPolicy } from '@rumormill/protocol'
import { policy } from '@rumormill/protocol/engine'
import type { CycleGroupOptions, CycleMembership } from '@rumormill/simulator'
import type { Scale } from './experiment.ts'

export type Selection = 'rand' | 'tail'

export const POLICIES: readonly MembershipPolicy[] = ['blind', 'healer', 'swapper']

/** Returns (selection, H, S) with push and pull. The published curves fit buffers of c/2 entries plus the node's own. */
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

/** Returns the options of a group of the experiment. */
export function groupOf({ seed, core }: Scale, membership: CycleMembership): CycleGroupOptions {
  return { seed, membership, ...(core === undefined ? {} : { core }) }
}

/** Returns a named corner of the design space. */
export function membershipOf(
  scale: Scale,
  selection: Selection,
  name: MembershipPolicy
): CycleMembership {
  const { healing, swapping } = policy(name, scale.viewSize)
  return membershipAt(scale, selection, healing, swapping)
}
