/**
 * The partial view: at most one entry per address, in an order that matters (Jelasity et al. 2007, section 2.1, fig. 1).
 *
 * Kept as parallel arrays: a thousand simulated views stay small, and no entry is an object of its own.
 */
import type { Address, Peer } from '../peer.ts'
import { MAX_AGE } from '../peer.ts'
import { shuffle, type Rng } from '../random.ts'

/** The turn of an entry that `take` has already returned. */
const TAKEN = Infinity

export class View {
  readonly #self: Address
  readonly #capacity: number
  #addresses: Address[] = []
  #ages: number[] = []
  /** When each entry entered, in a count of entries; {@link TAKEN} once it was returned to the application. */
  #turns: number[] = []
  #entered = 0

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
    return this.#addresses.map((address, index) => ({ address, age: this.#ages[index]! }))
  }

  /** A random entry. */
  random(rng: Rng): Address | undefined {
    return this.size === 0 ? undefined : this.#addresses[rng.below(this.size)]
  }

  /** The oldest entry, the first of equals. */
  oldest(): Address | undefined {
    return this.#addresses[this.#indexOfOldest()]
  }

  /**
   * Fig. 1: permutes the view, moves the `healing` oldest to the end, and returns the first `count` entries.
   * They stay at the head, where `select` finds what was sent.
   */
  takeHead(count: number, healing: number, rng: Rng): Peer[] {
    this.#reorder(healing, rng)
    return this.entries().slice(0, count)
  }

  /**
   * Fig. 1, select(c, H, S, buffer): appends the buffer, keeps the fresher of duplicates (in the place of the one we had),
   * then removes the `healing` oldest, the first `swapping`, and random entries, each only down to c.
   */
  select(buffer: readonly Peer[], healing: number, swapping: number, rng: Rng): void {
    for (const peer of buffer) this.#append(peer)
    for (let left = Math.min(healing, this.#surplus()); left > 0; left--) this.#removeAt(this.#indexOfOldest())
    this.#removeHead(Math.max(0, Math.min(swapping, this.#surplus())))
    while (this.#surplus() > 0) this.#removeAt(rng.below(this.size))
  }

  increaseAge(): void {
    for (let index = 0; index < this.#ages.length; index++) {
      this.#ages[index] = Math.min(this.#ages[index]! + 1, MAX_AGE)
    }
  }

  /** Whether it was there. */
  remove(address: Address): boolean {
    const index = this.#addresses.indexOf(address)
    if (index < 0) return false
    this.#removeAt(index)
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
      if (this.#turns[index]! < (first < 0 ? TAKEN : this.#turns[first]!)) first = index
    }
    if (free.length === 0) return undefined
    if (first < 0) first = free[rng.below(free.length)]!
    this.#turns[first] = TAKEN
    return this.#addresses[first]
  }

  #append(peer: Peer): void {
    if (peer.address === this.#self) return
    const known = this.#addresses.indexOf(peer.address)
    if (known >= 0) {
      this.#ages[known] = Math.min(this.#ages[known]!, peer.age)
      return
    }
    this.#addresses.push(peer.address)
    this.#ages.push(peer.age)
    this.#turns.push(this.#entered++)
  }

  #surplus(): number {
    return this.size - this.#capacity
  }

  #indexOfOldest(): number {
    let oldest = 0
    for (let index = 1; index < this.#ages.length; index++) {
      if (this.#ages[index]! > this.#ages[oldest]!) oldest = index
    }
    return oldest
  }

  #removeAt(index: number): void {
    this.#addresses.splice(index, 1)
    this.#ages.splice(index, 1)
    this.#turns.splice(index, 1)
  }

  #removeHead(count: number): void {
    if (count === 0) return
    this.#addresses.splice(0, count)
    this.#ages.splice(0, count)
    this.#turns.splice(0, count)
  }

  #reorder(healing: number, rng: Rng): void {
    const order = [...this.#ages.keys()]
    shuffle(order, rng)
    if (healing > 0) {
      const oldest = new Set([...order].sort((a, b) => this.#ages[b]! - this.#ages[a]!).slice(0, healing))
      order.sort((a, b) => Number(oldest.has(a)) - Number(oldest.has(b)))
    }
    this.#addresses = order.map((from) => this.#addresses[from]!)
    this.#ages = order.map((from) => this.#ages[from]!)
    this.#turns = order.map((from) => this.#turns[from]!)
  }
}
