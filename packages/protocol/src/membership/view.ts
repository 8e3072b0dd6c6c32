/**
 * The partial view: an ordered list with at most one entry per address (Jelasity et al. 2007, section 2.1, fig. 1).
 *
 * The entries are in two arrays no longer than the view, so that a million simulated views fit into memory. During `select`,
 * there are more entries than that; they are in scratch arrays that all views share.
 */

import type { Address, Peer } from '../model/peer.ts'
import { MAX_AGE } from '../model/peer.ts'
import { pick, type Rng } from '../model/random.ts'

/** A mark is a turn and an age in one number of 31 bits, which an array stores without boxing: `turn << AGE_BITS | age`. */
const AGE_BITS = 16

/** The turn of an entry that `take` has already returned. Other turns count from 1 to {@link TURNS} and then start again. */
const TAKEN = 0
const TURNS = 0x7fff

/** Scratch arrays. Shared, because no call reads what an earlier one has left there. */
const scratch = {
  addresses: [] as Address[],
  marks: [] as number[],
  size: 0,
  oldest: [] as number[]
}

export class View {
  readonly #self: Address
  readonly #capacity: number
  #addresses: Address[] = []
  /** The mark of each entry. Its turn is the number of the entry in order of arrival, or {@link TAKEN}. */
  #marks: number[] = []
  /** The turn of the entry that was added last. */
  #lastTurn = 0

  /** `self` is never stored; `capacity` is c. */
  constructor(self: Address, capacity: number) {
    this.#self = self
    this.#capacity = capacity
  }

  get size(): number {
    return this.#addresses.length
  }

  has(address: Address): boolean {
    return this.#addresses.includes(address)
  }

  entries(): Peer[] {
    return this.#head(this.size, [])
  }

  /** Returns a random entry of those that `may` be chosen. */
  random(rng: Rng, may: (address: Address) => boolean): Address | undefined {
    if (this.size === 0) return undefined
    const first = this.#addresses[rng.below(this.size)]!
    if (may(first)) return first
    return pick(this.#addresses.filter(may), rng)
  }

  /** Returns the oldest entry of those that `may` be chosen, the first of equals. */
  oldest(may: (address: Address) => boolean): Address | undefined {
    let oldest = -1
    for (let index = 0; index < this.size; index++) {
      if (oldest >= 0 && ageOf(this.#marks[index]!) <= ageOf(this.#marks[oldest]!)) continue
      if (may(this.#addresses[index]!)) oldest = index
    }
    return this.#addresses[oldest]
  }

  /**
   * Permutes the view, moves the `healing` oldest to the end, and appends the first `count` entries to `buffer` (fig. 1). They
   * stay at the head, where `select` finds the sent entries.
   */
  takeHead(count: number, healing: number, rng: Rng, buffer: Peer[]): Peer[] {
    const marks = this.#marks
    for (let last = this.size - 1; last > 0; last--) this.#swap(rng.below(last + 1), last)
    flagOldest(marks, this.size, healing)
    for (let index = this.size - 1, end = index; index >= 0; index--) {
      if (marks[index]! >= 0) continue
      marks[index] = ~marks[index]!
      this.#swap(index, end--)
    }
    return this.#head(Math.min(count, this.size), buffer)
  }

  /**
   * Merges received entries (fig. 1, select(c, H, S, buffer)): appends the buffer, keeps the younger of duplicates (in the place
   * of the one in the view), then removes the `healing` oldest, the first `swapping`, and random entries, each only down to c.
   */
  select(buffer: readonly Peer[], healing: number, swapping: number, rng: Rng): void {
    this.#toScratch()
    this.#append(buffer)
    const old = Math.max(0, Math.min(healing, scratch.size - this.#capacity))
    const head = Math.max(0, Math.min(swapping, scratch.size - old - this.#capacity))
    flagOldest(scratch.marks, scratch.size, old)
    flagHead(head)
    if (old + head > 0) removeFlagged()
    while (scratch.size > this.#capacity) removeAt(rng.below(scratch.size))
    this.#fromScratch()
  }

  increaseAge(): void {
    const marks = this.#marks
    for (let index = 0; index < marks.length; index++)
      if (ageOf(marks[index]!) < MAX_AGE) marks[index]!++
  }

  /** Removes an entry. Returns whether it was there. */
  remove(address: Address): boolean {
    const index = this.#addresses.indexOf(address)
    if (index < 0) return false
    this.#addresses.splice(index, 1)
    this.#marks.splice(index, 1)
    return true
  }

  /**
   * Returns the entry that has waited longest to be returned, or else a random one; never one of `taken` (section 2.4.2,
   * getPeer).
   */
  take(taken: readonly Address[], rng: Rng): Address | undefined {
    const free: number[] = []
    let first = -1
    for (let index = 0; index < this.size; index++) {
      if (taken.includes(this.#addresses[index]!)) continue
      free.push(index)
      if (this.#waited(index) > (first < 0 ? 0 : this.#waited(first))) first = index
    }
    if (free.length === 0) return undefined
    if (first < 0) first = free[rng.below(free.length)]!
    this.#marks[first] = (TAKEN << AGE_BITS) | ageOf(this.#marks[first]!)
    return this.#addresses[first]
  }

  /** Returns how many entries were added since this one, itself included; 0 when it was returned before. */
  #waited(index: number): number {
    const turn = this.#marks[index]! >> AGE_BITS
    if (turn === TAKEN) return 0
    return 1 + (turn > this.#lastTurn ? this.#lastTurn + TURNS - turn : this.#lastTurn - turn)
  }

  #head(count: number, buffer: Peer[]): Peer[] {
    for (let index = 0; index < count; index++) {
      buffer.push({ address: this.#addresses[index]!, age: ageOf(this.#marks[index]!) })
    }
    return buffer
  }

  /** Adds entries to the scratch arrays, except `self`. Of a duplicate, only the lower age is kept. */
  #append(buffer: readonly Peer[]): void {
    const { addresses, marks } = scratch
    for (const { address, age } of buffer) {
      if (address === this.#self) continue
      // A sentinel search, which is faster than `indexOf` for so few entries.
      addresses[scratch.size] = address
      let index = 0
      while (addresses[index] !== address) index++
      if (index < scratch.size) {
        if (age < ageOf(marks[index]!)) marks[index] = (marks[index]! & ~MAX_AGE) | age
        continue
      }
      this.#lastTurn = this.#lastTurn === TURNS ? 1 : this.#lastTurn + 1
      marks[index] = (this.#lastTurn << AGE_BITS) | age
      scratch.size++
    }
  }

  #swap(one: number, other: number): void {
    const address = this.#addresses[one]!
    this.#addresses[one] = this.#addresses[other]!
    this.#addresses[other] = address
    const mark = this.#marks[one]!
    this.#marks[one] = this.#marks[other]!
    this.#marks[other] = mark
  }

  #toScratch(): void {
    scratch.size = this.size
    for (let index = 0; index < scratch.size; index++) {
      scratch.addresses[index] = this.#addresses[index]!
      scratch.marks[index] = this.#marks[index]!
    }
  }

  #fromScratch(): void {
    if (this.size !== scratch.size) {
      // A slice has the exact capacity; an array that grows has up to half as much again.
      this.#addresses = scratch.addresses.slice(0, scratch.size)
      this.#marks = scratch.marks.slice(0, scratch.size)
      return
    }
    for (let index = 0; index < scratch.size; index++) {
      this.#addresses[index] = scratch.addresses[index]!
      this.#marks[index] = scratch.marks[index]!
    }
  }
}

function ageOf(mark: number): number {
  return mark & MAX_AGE
}

/** Flags the `count` oldest of `size` entries, the first of equals first, by inverting their marks, which makes them negative. */
function flagOldest(marks: number[], size: number, count: number): void {
  const { oldest } = scratch
  if (count <= 0) return
  let found = 0
  for (let index = 0; index < size; index++) {
    const age = ageOf(marks[index]!)
    if (found === count && age <= ageOf(marks[oldest[found - 1]!]!)) continue
    let at = found < count ? found++ : found - 1
    for (; at > 0 && age > ageOf(marks[oldest[at - 1]!]!); at--) oldest[at] = oldest[at - 1]!
    oldest[at] = index
  }
  for (let at = 0; at < found; at++) marks[oldest[at]!] = ~marks[oldest[at]!]!
}

/** Flags the first `count` scratch entries that are not flagged yet. */
function flagHead(count: number): void {
  for (let index = 0, left = count; left > 0; index++) {
    if (scratch.marks[index]! < 0) continue
    scratch.marks[index] = ~scratch.marks[index]!
    left--
  }
}

function removeFlagged(): void {
  let to = 0
  for (let from = 0; from < scratch.size; from++) if (scratch.marks[from]! >= 0) move(from, to++)
  scratch.size = to
}

function removeAt(index: number): void {
  for (let from = index + 1; from < scratch.size; from++) move(from, from - 1)
  scratch.size--
}

function move(from: number, to: number): void {
  scratch.addresses[to] = scratch.addresses[from]!
  scratch.marks[to] = scratch.marks[from]!
}
