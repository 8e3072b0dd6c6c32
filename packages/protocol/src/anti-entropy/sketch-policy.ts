/** Decides when a comparison by sketches costs less than one by lists, and for how many symbols to ask. */

import { FIELDS } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { DIGEST_BYTES } from '../model/update.ts'
import type { ActiveSketch } from './active-sketch.ts'
import { LEAST_SYMBOLS, symbolBytes, symbolsFor } from './iblt/coded-symbols.ts'

/** If the counts differ by more than this, a list costs less. Equal counts may hide more differences: see `FIELDS.first.most`. */
const MAX_COUNT_DIFFERENCE = 2000

/** The bytes of an exchange of equal sets, both ways; a smaller list is sent instead. */
export const EQUAL_BYTES = 48

export class SketchPolicy {
  readonly #sketch: ActiveSketch
  readonly #maxSymbols: number
  /** How many differences were found, with any peer: by the last exchange, and as an average that halves old weights. */
  #whenDifferent = 4
  #usually = 4
  /** The peer of the last first turn that ended in a list, because the list was cheaper; the next one uses symbols. */
  #lastListed: Address | undefined

  /** `maxSymbols` is how many symbols one message holds. */
  constructor(sketch: ActiveSketch, maxSymbols: number) {
    this.#sketch = sketch
    this.#maxSymbols = maxSymbols
  }

  /** Returns whether a list of all digests costs less than the usual exchange. */
  prefersList(): boolean {
    const firstBytes = symbolBytes(this.#sketch.ids) * symbolsFor(this.#usually)
    const isWorthIt =
      this.#maxSymbols >= LEAST_SYMBOLS &&
      this.#sketch.count * DIGEST_BYTES > EQUAL_BYTES + firstBytes
    // So that symbols are tried again some time later.
    if (!isWorthIt) this.#usually /= 2
    return !isWorthIt
  }

  /** Returns for how many symbols to ask first. */
  firstSymbols(): number {
    return symbolsFor(this.#whenDifferent)
  }

  /**
   * Returns whether a list costs less than to go on with symbols, for sets whose counts are `apart`, after the first `turns`
   * turns with `peer`.
   */
  endsInList(peer: Address, apart: number, turns: number): boolean {
    // The bytes of symbols and digests for `apart` differences; a list costs the digests of all active updates.
    const apartBytes = symbolsFor(apart) * symbolBytes(this.#sketch.ids) + apart * DIGEST_BYTES
    // Not twice in a row with one peer, because lists do not find what has expired on one of the two nodes.
    const isCheaper =
      turns === 0 && apartBytes > this.#sketch.count * DIGEST_BYTES && this.#lastListed !== peer
    if (turns === 0) this.#lastListed = isCheaper ? peer : undefined
    return apart > MAX_COUNT_DIFFERENCE || isCheaper
  }

  /** Returns how many more symbols to ask for, when the `known` ones do not decode. */
  moreSymbols(known: number, apart: number, turns: number): number {
    // A few more are usually enough, unless the first ones were limited by what one message holds.
    const isCut = known >= this.#maxSymbols
    const more = Math.max(
      LEAST_SYMBOLS,
      isCut ? known : known >> (turns === 0 ? 2 : 1),
      symbolsFor(isCut ? Math.max(apart, this.#whenDifferent) : apart) - known
    )
    return Math.min(more, FIELDS.first.most - known)
  }

  /** Learns from an exchange that found the sets equal. */
  foundEqual(): void {
    this.#usually /= 2
  }

  /** Learns from an exchange that found so many differences. */
  found(differences: number): void {
    this.#usually = (this.#usually + differences) / 2
    this.#whenDifferent = differences
  }
}
