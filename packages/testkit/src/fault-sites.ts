/** Which rare faults a seed has switched on: swarm testing as FoundationDB's BUGGIFY has it. */

import { createRng } from '@rumormill/protocol'

/** Whether rare faults at this site can strike at all. */
export type SiteSwitch = (site: string) => boolean

/** One site in four. FoundationDB's figure: few enough that faults do not mask one another. */
const SITES_PER_FAULT = 4

/** Sites switched on by `seed`; the order in which they are asked for does not matter. */
export function switchesOf(seed: number): SiteSwitch {
  const known = new Map<string, boolean>()
  return (site) => {
    let isOn = known.get(site)
    if (isOn === undefined) {
      isOn = createRng(seed ^ hashOf(site)).below(SITES_PER_FAULT) === 0
      known.set(site, isOn)
    }
    return isOn
  }
}

/** FNV-1a over the text's code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
