/** Sample changes for storage. */

import { digestOf } from '@rumormill/protocol'
import type { PersistedUpdate, Rng, StorageChange } from '@rumormill/protocol/plugin'

/** Returns the sample update with that number, `bytes` long. */
export function sampleUpdate(number: number, bytes: number = 20): PersistedUpdate {
  const content = new Uint8Array(bytes).map(
    (_, index) => (index * 31 + (number >> (8 * (index % 4)))) & 0xff
  )
  return {
    digest: digestOf(content),
    content,
    submittedAtMs: 1_800_000_000_000 + number,
    handled: false
  }
}

/** Returns a batch of up to 20 changes to few digests, so that they interact. */
export function randomChanges(rng: Rng): StorageChange[] {
  return Array.from({ length: rng.below(20) }, () => {
    const update = {
      ...sampleUpdate(rng.below(12), 1 + rng.below(3) * 100),
      handled: rng.below(2) === 0
    }
    const { digest } = update
    const changes: StorageChange[] = [
      { kind: 'keep', update },
      { kind: 'handled', digest },
      { kind: 'drop', digest },
      { kind: 'remember', digest },
      { kind: 'forget', digest },
      { kind: 'peers', addresses: Array.from({ length: rng.below(5) }, (_, n) => `peer ${n}`) }
    ]
    return changes[rng.below(changes.length)]!
  })
}
