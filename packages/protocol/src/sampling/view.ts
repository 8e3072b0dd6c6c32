/**
 * The partial view: at most one entry per address, in an order that matters (Jelasity et al. 2007, section 2.1, fig. 1).
 *
 * Kept as two arrays no longer than the view, so that a hundred thousand simulated views stay small. What is more than a
 * view, in the middle of `select`, stands on a bench that all views share.
 */
import type { Address, Peer } from '../peer.ts'
import { MAX_AGE } from '../peer.ts'
import { pick, type Rng } from '../random.ts'

/** A mark is a turn and an age in one number: `turn * AGES + age`. */
const AGES = MAX_AGE + 1

/** So high that no mark is a small integer: arrays then hold bare numbers, all of one kind. */
const FIRST_TURN = AGES

/** The turn of an entry that `take` has already returned: beyond all others. */
const TAKEN = 2 ** 36

/** The age of an entry on the bench that is to go. */
const GONE = -1

/** Where views are worked on. Shared, because no call leaves anything on it that a later call reads. */
const bench = { addresses: [] as Address[], ages: [] as number[], turns: [] as number[], size: 0 }

export class View {
  readonly #self: Address
  readonly #capacity: number
  #addresses: Address[] = []
  /** The age of each entry, and its turn: when it entered, in a count of entries, or {@link TAKEN}. */
  #marks: number[] = []
  #nextTurn = FIRST_TURN

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
    return this.#head(this.size)
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
   * Fig. 1: permutes the view, moves the `healing` oldest to the end, and returns the first `count` entries.
   * They stay at the head, where `select` finds what was sent.
   */
  takeHead(count: number, healing: number, rng: Rng): Peer[] {
    this.#shuffle(rng)
    if (healing > 0) {
      this.#toBench()
      condemnOldest(healing)
      this.#oldestLast()
    }
    return this.#head(count)
  }

  /**
   * Fig. 1, select(c, H, S, buffer): appends the buffer, keeps the fresher of duplicates (in the place of the one we had),
   * then removes the `healing` oldest, the first `swapping`, and random entries, each only down to c.
   */
  select(buffer: readonly Peer[], healing: number, swapping: number, rng: Rng): void {
    this.#toBench()
    for (const peer of buffer) this.#append(peer)
    const old = Math.max(0, Math.min(healing, bench.size - this.#capacity))
    condemnOldest(old)
    condemnHead(Math.max(0, Math.min(swapping, bench.size - old - this.#capacity)))
    removeCondemned()
    while (bench.size > this.#capacity) removeAt(rng.below(bench.size))
    this.#fromBench()
  }

  increaseAge(): void {
    for (let index = 0; index < this.#marks.length; index++) {
      if (ageOf(this.#marks[index]!) < MAX_AGE) this.#marks[index]!++
    }
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
      if (turnOf(this.#marks[index]!) < (first < 0 ? TAKEN : turnOf(this.#marks[first]!))) first = index
    }
    if (free.length === 0) return undefined
    if (first < 0) first = free[rng.below(free.length)]!
    this.#marks[first] = TAKEN * AGES + ageOf(this.#marks[first]!)
    return this.#addresses[first]
  }

  #head(count: number): Peer[] {
    const head: Peer[] = []
    const size = Math.min(count, this.size)
    for (let index = 0; index < size; index++) {
      head.push({ address: this.#addresses[index]!, age: ageOf(this.#marks[index]!) })
    }
    return head
  }

  #append(peer: Peer): void {
    const { address, age } = peer
    if (address === this.#self) return
    const { addresses, ages, size } = bench
    // Not `indexOf`, which compares letter by letter even those strings of which the engine keeps one copy.
    for (let index = 0; index < size; index++) {
      if (addresses[index] !== address) continue
      if (age < ages[index]!) ages[index] = age
      return
    }
    addresses[size] = address
    ages[size] = age
    bench.turns[size] = this.#nextTurn++
    bench.size++
  }

  /** As `shuffle`, for two arrays at once. */
  #shuffle(rng: Rng): void {
    for (let last = this.size - 1; last > 0; last--) {
      const other = rng.below(last + 1)
      const address = this.#addresses[last]!
      this.#addresses[last] = this.#addresses[other]!
      this.#addresses[other] = address
      const mark = this.#marks[last]!
      this.#marks[last] = this.#marks[other]!
      this.#marks[other] = mark
    }
  }

  #toBench(): void {
    bench.size = this.size
    for (let index = 0; index < bench.size; index++) {
      bench.addresses[index] = this.#addresses[index]!
      bench.turns[index] = turnOf(this.#marks[index]!)
      bench.ages[index] = ageOf(this.#marks[index]!)
    }
  }

  #fromBench(): void {
    if (this.size !== bench.size) {
      // Slices are as long as they need to be; arrays that grow by themselves are half as long again.
      this.#addresses = bench.addresses.slice(0, bench.size)
      this.#marks = this.#addresses.map((_, index) => bench.turns[index]! * AGES + bench.ages[index]!)
      return
    }
    for (let index = 0; index < bench.size; index++) {
      this.#addresses[index] = bench.addresses[index]!
      this.#marks[index] = bench.turns[index]! * AGES + bench.ages[index]!
    }
  }

  /** The view with those entries behind the others that are to go from the bench; here they stay, with their ages. */
  #oldestLast(): void {
    const marks = [...this.#marks]
    let to = 0
    for (const gone of [false, true]) {
      for (let from = 0; from < bench.size; from++) {
        if ((bench.ages[from] === GONE) !== gone) continue
        this.#addresses[to] = bench.addresses[from]!
        this.#marks[to++] = marks[from]!
      }
    }
  }
}

function turnOf(mark: number): number {
  return Math.floor(mark / AGES)
}

function ageOf(mark: number): number {
  return mark - turnOf(mark) * AGES
}

/** Condemns the `count` oldest entries on the bench, the first of equals first. */
function condemnOldest(count: number): void {
  const { ages, size } = bench
  for (let left = Math.min(count, size); left > 0; left--) {
    let oldest = 0
    for (let index = 1; index < size; index++) if (ages[index]! > ages[oldest]!) oldest = index
    ages[oldest] = GONE
  }
}

/** Condemns the first `count` entries that are not condemned yet. */
function condemnHead(count: number): void {
  for (let index = 0, left = count; left > 0; index++) {
    if (bench.ages[index] === GONE) continue
    bench.ages[index] = GONE
    left--
  }
}

function removeCondemned(): void {
  let to = 0
  for (let from = 0; from < bench.size; from++) if (bench.ages[from] !== GONE) move(from, to++)
  bench.size = to
}

function removeAt(index: number): void {
  for (let from = index + 1; from < bench.size; from++) move(from, from - 1)
  bench.size--
}

function move(from: number, to: number): void {
  bench.addresses[to] = bench.addresses[from]!
  bench.ages[to] = bench.ages[from]!
  bench.turns[to] = bench.turns[from]!
}
