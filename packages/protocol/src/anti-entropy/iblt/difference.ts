/**
 * Finds the differences of two sets from the same number of symbols of each, by peeling, as invertible Bloom lookup tables
 * do.
 */

import type { CodedSymbols } from './coded-symbols.ts'
import type { ShortIds } from './short-id.ts'

/** The work limit. Correct symbols are visited about 20 times each: an id is in 2 ln(m / 2) of m. Only forged ones need more. */
const MOST_VISITS_PER_SYMBOL = 48

/**
 * Returns the short ids that are in only one of the two sets, as one block; `undefined` when the symbols do not decode. Does not
 * tell which set an id is in. Overwrites `mine`, which must have as many symbols as `theirs`. Whatever `theirs` contains, the
 * work and the number of ids are bounded by the number of symbols.
 */
export function difference(
  mine: CodedSymbols,
  theirs: Uint8Array,
  ids: ShortIds
): Uint8Array | undefined {
  const { count } = mine
  mine.subtract(theirs)
  const found = new Uint8Array(count * ids.bytes)
  let founds = 0
  let budget = count * MOST_VISITS_PER_SYMBOL
  // Backwards: later symbols hold fewer ids, so single ones are found there; removing one leaves others single further down.
  for (let before = -1; before !== founds; budget -= count) {
    before = founds
    for (let index = count - 1; index >= 0; index--) {
      const id = mine.pureAt(index)
      if (id === undefined) continue
      if (founds === count || budget < 0) return undefined
      ids.write(id, found, founds++ * ids.bytes)
      budget -= mine.toggle(id)
    }
  }
  return mine.isEmpty ? found.slice(0, founds * ids.bytes) : undefined
}
