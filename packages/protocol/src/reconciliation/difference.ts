/** Finds what two sets differ in, from as many symbols of each: by peeling, as all invertible Bloom lookup tables. */

import type { CodedSymbols } from './coded-symbols.ts'
import type { ShortIds } from './short-id.ts'

/** Correct symbols are looked at some 20 times each: an id is in 2 ln(m / 2) of m. What needs more is made up. */
const MOST_LOOKS_PER_CELL = 48

/**
 * The short ids that are in one set only, as one block; `undefined` when `mine` and the symbols in `theirs` do not say.
 * Uses `mine` up, which must have as many symbols as `theirs`. Whatever `theirs` is, the work is bounded by the number of
 * symbols, and so is the number of ids. It does not know which set an id is in.
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
  let budget = count * MOST_LOOKS_PER_CELL
  // Later symbols hold fewer ids, so that is where single ones are; taking one out makes others single further down.
  for (let before = -1; before !== founds; budget -= count) {
    before = founds
    for (let index = count - 1; index >= 0; index--) {
      if (!mine.isPure(index)) continue
      if (founds === count || budget < 0) return undefined
      ids.write(found, founds++ * ids.bytes)
      budget -= mine.toggle()
    }
  }
  return mine.isEmpty ? found.slice(0, founds * ids.bytes) : undefined
}
