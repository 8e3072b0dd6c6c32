/**
 * The partial view: at most one entry per address, in an order that matters (Jelasity et al. 2007, section 2.1, fig. 1).
 *
 * Kept as two arrays no longer than the view, so that a million simulated views fit into memory. What is more than a view,
 * in the middle of `select`, stands on a bench that all views share.
 */

import type { Address, Peer } from '../peer.ts'
import { MAX_AGE } from '../peer.ts'
import { pick, type Rng } from '../random.ts'

/** A mark is a turn and an age in one number of 31 bits, which an array holds as it is: `turn << AGE_BITS | age`. */
const AGE_BITS = 16

/** The turn of an entry that `take` has already returned. The others run from 1 to {@link TURNS} and begin anew. */
const TAKEN = 0
const TURNS = 0x7fff

/** Where views are worked on. Shared, because no call leaves anything on it that a later call reads. */
const bench = { addresses: [] as Address[], marks: [] as number[], size: 0, oldest: [] as number[] }

export class View {
  readonly #self: Address
  readonly #capacity: number
  #addresses: Address[] = []
  /** The age of each entry, and its turn: when it entered, in a count of entries, or {@link TAKEN}. */
  #marks: number[] = []
  /** The turn of the entry that came last. */
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

  /** A random entry of those that `may` be chosen. */
  random(rng: Rng, may: (address: Address) => boolean): Address | undefined {
    if (this.size === 0) return undefined
    const first = this.#addresses[rng.below(this.size)]!
    if (may(first)) return first
    return pick(this.#addresses.filter(may), rng)
  }

  /** The oldest entry of those that `may` be chosen, the first of equals. */
  oldest(may: (address: Address) => boolean): Address | undefined {
    let oldest = -1
    for (let index = 0; index < this.size; index++) {
      if (oldest >= 0 && ageOf(this.#marks[index]!) <= ageOf(this.#marks[oldest]!)) continue
      if (may(this.#addresses[index]!)) oldest = index
    }
    return this.#addresses[oldest]
  }

  /**
   * Fig. 1: permutes the view, moves the `healing` oldest to the end, and appends the first `count` entries to `buffer`.
   * They stay at the head, where `select` finds what was sent.
   */
  takeHead(count: number, healing: number, rng: Rng, buffer: Peer[]): Peer[] {
    const marks = this.#marks
    for (let last = this.size - 1; last > 0; last--) this.#swap(rng.below(last + 1), last)
    condemnOldest(marks, this.size, healing)
    for (let index = this.size - 1, end = index; index >= 0; index--) {
      if (marks[index]! >= 0) continue
      marks[index] = ~marks[index]!
      this.#swap(index, end--)
    }
    return this.#head(Math.min(count, this.size), buffer)
  }

  /**
   * Fig. 1, select(c, H, S, buffer): appends the buffer, keeps the fresher of duplicates (in the place of the one we had),
   * then removes the `healing` oldest, the first `swapping`, and random entries, each only down to c.
   */
  select(buffer: readonly Peer[], healing: number, swapping: number, rng: Rng): void {
    this.#toBench()
    this.#append(buffer)
    const old = Math.max(0, Math.min(healing, bench.size - this.#capacity))
    const head = Math.max(0, Math.min(swapping, bench.size - old - this.#capacity))
    condemnOldest(bench.marks, bench.size, old)
    condemnHead(head)
    if (old + head > 0) removeCondemned()
    while (bench.size > this.#capacity) removeAt(rng.below(bench.size))
    this.#fromBench()
  }

  increaseAge(): void {
    const marks = this.#marks
    for (let index = 0; index < marks.length; index++)
      if (ageOf(marks[index]!) < MAX_AGE) marks[index]!++
  }

  /** Whether it was there. */
  remove(address: Address): boolean {
    const index = this.#addresses.indexOf(address)
    if (index < 0) return false
    this.#addresses.splice(index, 1)
    this.#marks.splice(index, 1)
    return true
  }

  /**
   * Section 2.4.2, getPeer: the entry that has waited longest to be returned, else a random one; never one of `taken`.
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

  /** How many entries have come since this one, itself included; 0 when it was returned. */
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

  /** Puts the entries on the bench, except ourselves and those that are there, of which the age is the lower. */
  #append(buffer: readonly Peer[]): void {
    const { addresses, marks } = bench
    for (const { address, age } of buffer) {
      if (address === this.#self) continue
      // It is found at the end if nowhere else. Not by `indexOf`, which takes longer for so few.
      addresses[bench.size] = address
      let index = 0
      while (addresses[index] !== address) index++
      if (index < bench.size) {
        if (age < ageOf(marks[index]!)) marks[index] = (marks[index]! & ~MAX_AGE) | age
        continue
      }
      this.#lastTurn = this.#lastTurn === TURNS ? 1 : this.#lastTurn + 1
      marks[index] = (this.#lastTurn << AGE_BITS) | age
      bench.size++
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

  #toBench(): void {
    bench.size = this.size
    for (let index = 0; index < bench.size; index++) {
      bench.addresses[index] = this.#addresses[index]!
      bench.marks[index] = this.#marks[index]!
    }
  }

  #fromBench(): void {
    if (this.size !== bench.size) {
      // Slices are as long as they need to be; arrays that grow by themselves are half as long again.
      this.#addresses = bench.addresses.slice(0, bench.size)
      this.#marks = bench.marks.slice(0, bench.size)
      return
    }
    for (let index = 0; index < bench.size; index++) {
      this.#addresses[index] = bench.addresses[index]!
      this.#marks[index] = bench.marks[index]!
    }
  }
}

function ageOf(mark: number): number {
  return mark & MAX_AGE
}

/** Condemns the `count` oldest of `size` entries, the first of equals first: inverts their marks, which makes them negative. */
function condemnOldest(marks: number[], size: number, count: number): void {
  const { oldest } = bench
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

/** Condemns the first `count` entries on the bench that are not condemned yet. */
function condemnHead(count: number): void {
  for (let index = 0, left = count; left > 0; index++) {
    if (bench.marks[index]! < 0) continue
    bench.marks[index] = ~bench.marks[index]!
    left--
  }
}

function removeCondemned(): void {
  let to = 0
  for (let from = 0; from < bench.size; from++) if (bench.marks[from]! >= 0) move(from, to++)
  bench.size = to
}

function removeAt(index: number): void {
  for (let from = index + 1; from < bench.size; from++) move(from, from - 1)
  bench.size--
}

function move(from: number, to: number): void {
  bench.addresses[to] = bench.addresses[from]!
  bench.marks[to] = bench.marks[from]!
}
