/** The points of the design space that the papers' figures are about. */

import type { SamplingPolicy } from '@rumormill/protocol'
import { policy } from '@rumormill/protocol/engine'
import type { CycleGroupOptions, CycleSampling } from '../cycles/cycle-group.ts'
import type { Scale } from './experiment.ts'

export type Selection = 'rand' | 'tail'

export const POLICIES: readonly SamplingPolicy[] = ['blind', 'healer', 'swapper']

/** (selection, H, S), push and pull. The published curves fit buffers of c/2 entries beside the own one. */
export function samplingAt(
  { viewSize }: Scale,
  selection: Selection,
  healing: number,
  swapping: number
): CycleSampling {
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
export function groupOf({ seed, core }: Scale, sampling: CycleSampling): CycleGroupOptions {
  return { seed, sampling, ...(core === undefined ? {} : { core }) }
}

/** A named corner of the design space. */
export function samplingOf(
  scale: Scale,
  selection: Selection,
  name: SamplingPolicy
): CycleSampling {
  const { healing, swapping } = policy(name, scale.viewSize)
  return samplingAt(scale, selection, healing, swapping)
}
