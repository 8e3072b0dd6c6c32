/** Selects the rare faults that a seed enables: swarm testing as in FoundationDB's BUGGIFY. */

import { createRng } from '@rumormill/protocol/plugin'

/** Returns whether a site is enabled. */
export type SiteSwitch = (site: string) => boolean

/** One site in four, as in FoundationDB: few enough that faults do not mask one another. */
const SITES_PER_FAULT = 4

/** Returns the sites that `seed` enables, independent of the order of the calls. */
export function switchesOf(seed: number): SiteSwitch {
  const switches = new Map<string, boolean>()
  return (site) => {
    let isOn = switches.get(site)
    if (isOn === undefined) {
      isOn = createRng(seed ^ hashOf(site)).below(SITES_PER_FAULT) === 0
      switches.set(site, isOn)
    }
    return isOn
  }
}

/** Returns the FNV-1a hash of the text's code units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
