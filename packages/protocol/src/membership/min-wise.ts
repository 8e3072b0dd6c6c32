/**
 * Keeps a private sample of the group that poisoned views cannot bias: min-wise slots, as in Brahms (Bortnikov et al. 2009),
 * that get new seeds at intervals, as in BASALT (Auvolat et al. 2023).
 *
 * Each slot has a secret seed, and holds the address with the lowest hash under it of all addresses ever seen. How often an
 * address is seen makes no difference, so addresses that are sent everywhere gain nothing. An address is used only once it has
 * answered a request of this node. Until then it is a candidate, and candidates are probed one at a time.
 */

import { dropOldest } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'
import { pick, type Rng } from '../model/random.ts'

/** Periods after which a slot gets a new seed; measured, see docs/hardening.md. */
const SLOT_LIFE_PERIODS = 100

/** Periods for which a new seed collects candidates before one is probed, so that addresses seen first have no advantage. */
const SETTLING_PERIODS = 50

/** How many failed candidates are kept per slot: a dead address that is seen again does not become a candidate again. */
const FAILED_PER_SLOT = 4

/** Larger than every hash. */
const HIGHEST = 2 ** 32

export class MinWiseSampler {
  readonly #rng: Rng
  readonly #hashOf: (address: Address) => number
  readonly #seeds: number[] = []
  /** The address in each slot, and its hash there. */
  readonly #addresses: (Address | undefined)[] = []
  readonly #hashes: number[] = []
  /** For each slot, the address with the lowest hash of those that hash lower than the one in it and have not answered yet. */
  readonly #candidates: (Address | undefined)[] = []
  readonly #candidateHashes: number[] = []
  /** Candidates that did not answer, oldest first. */
  readonly #failed = new Set<Address>()
  /** Addresses in slots that did not answer their last request. */
  readonly #suspected = new Set<Address>()
  #probed: Address | undefined
  #periods = 0
  #nextProbed = 0
  #nextReseeded = 0

  /** `slots` is the size of the sample. */
  constructor(slots: number, rng: Rng, hashOf?: (address: Address) => number) {
    this.#rng = rng
    const key = rng.below(HIGHEST)
    this.#hashOf = hashOf ?? ((address) => keyedHash(address, key))
    for (let slot = 0; slot < slots; slot++) {
      this.#seeds.push(rng.below(HIGHEST))
      this.#addresses.push(undefined)
      this.#hashes.push(HIGHEST)
      this.#candidates.push(undefined)
      this.#candidateHashes.push(HIGHEST)
    }
  }

  /** Returns the address in a random slot, if it is not in `taken`; `undefined` when that slot is empty, or none is left. */
  sample(taken: readonly Address[]): Address | undefined {
    const address = pick(this.#addresses, this.#rng)
    if (address === undefined || !taken.includes(address)) return address
    return pick(
      this.samples().filter((other) => !taken.includes(other)),
      this.#rng
    )
  }

  /** Returns the addresses of all filled slots, an address as often as it has slots. */
  samples(): Address[] {
    return this.#addresses.filter((address) => address !== undefined)
  }

  /** Considers an address that sent a message, or that a view named, as a candidate for the slots. */
  consider(address: Address): void {
    const hash = this.#hashOf(address)
    for (let slot = 0; slot < this.#seeds.length; slot++) {
      const rank = mixed(hash ^ this.#seeds[slot]!)
      if (rank >= this.#candidateHashes[slot]! || rank >= this.#hashes[slot]!) continue
      if (this.#failed.has(address)) return
      this.#candidates[slot] = address
      this.#candidateHashes[slot] = rank
    }
  }

  /** Puts an address that answered a request into the slots for which it has the lowest hash, and into empty ones until then. */
  answered(address: Address): void {
    this.#failed.delete(address)
    this.#suspected.delete(address)
    if (this.#probed === address) this.#probed = undefined
    const hash = this.#hashOf(address)
    for (let slot = 0; slot < this.#seeds.length; slot++) {
      const rank = mixed(hash ^ this.#seeds[slot]!)
      if (rank >= this.#hashes[slot]!) continue
      // Attackers answer at once: while a candidate is awaited, they must not take its slot.
      const awaits = rank > this.#candidateHashes[slot]! || this.#settles(slot)
      if (awaits && this.#addresses[slot] !== undefined) continue
      this.#addresses[slot] = address
      this.#hashes[slot] = rank
      if (rank <= this.#candidateHashes[slot]!) this.#clearCandidate(slot)
    }
  }

  /** Notes that an address did not answer. One in a slot fails after two in a row, because a message may be lost. */
  unanswered(address: Address): void {
    if (this.#probed === address) this.#probed = undefined
    if (this.#suspected.has(address) || !this.#addresses.includes(address))
      return this.failed(address)
    for (const other of this.#suspected)
      if (!this.#addresses.includes(other)) this.#suspected.delete(other)
    this.#suspected.add(address)
  }

  /** Removes an address that cannot be reached from its slots. It is no candidate for a while. */
  failed(address: Address): void {
    this.forget(address)
    this.#failed.add(address)
    dropOldest(this.#failed, FAILED_PER_SLOT * this.#seeds.length)
  }

  forget(address: Address): void {
    this.#suspected.delete(address)
    if (this.#probed === address) this.#probed = undefined
    for (let slot = 0; slot < this.#seeds.length; slot++) {
      if (this.#candidates[slot] === address) this.#clearCandidate(slot)
      if (this.#addresses[slot] !== address) continue
      this.#addresses[slot] = undefined
      this.#hashes[slot] = HIGHEST
    }
  }

  /**
   * Ends a period. Returns the address to probe, for whose answer {@link answered} must be called: a candidate, or else an
   * address in a slot, to check that it is alive. Counts the last probe as unanswered if no answer came.
   */
  nextProbe(): Address | undefined {
    if (this.#probed !== undefined) this.unanswered(this.#probed)
    this.#reseedSome()
    this.#probed =
      this.#inTurn(
        this.#candidates,
        (slot) => !this.#settles(slot) || this.#addresses[slot] === undefined
      ) ?? this.#inTurn(this.#addresses, () => true)
    return this.#probed
  }

  #inTurn(
    addresses: readonly (Address | undefined)[],
    may: (slot: number) => boolean
  ): Address | undefined {
    for (let step = 0; step < addresses.length; step++) {
      const slot = this.#nextProbed
      this.#nextProbed = (slot + 1) % addresses.length
      if (addresses[slot] !== undefined && may(slot)) return addresses[slot]
    }
    return undefined
  }

  /** Returns whether the slot still collects candidates, because its seed is new. */
  #settles(slot: number): boolean {
    const slots = this.#seeds.length
    const reseededSince = (this.#nextReseeded - 1 - slot) % slots
    return (
      this.#nextReseeded > slot &&
      reseededSince < Math.floor((SETTLING_PERIODS * slots) / SLOT_LIFE_PERIODS)
    )
  }

  /** Gives slots new seeds in turn, so that the sample changes over time. The address in a slot stays until another answers. */
  #reseedSome(): void {
    this.#periods++
    const due = Math.floor((this.#periods * this.#seeds.length) / SLOT_LIFE_PERIODS)
    while (this.#nextReseeded < due) {
      const slot = this.#nextReseeded++ % this.#seeds.length
      this.#seeds[slot] = this.#rng.below(HIGHEST)
      this.#clearCandidate(slot)
      this.#hashes[slot] = HIGHEST
    }
  }

  #clearCandidate(slot: number): void {
    this.#candidates[slot] = undefined
    this.#candidateHashes[slot] = HIGHEST
  }
}

/** Returns the FNV-1a hash of the characters, from a secret start. It need not be cryptographic: hashes never leave the node. */
function keyedHash(address: Address, key: number): number {
  let hash = key
  for (let index = 0; index < address.length; index++)
    hash = Math.imul(hash ^ address.charCodeAt(index), 0x01000193)
  return mixed(hash)
}

/** Mixes bits so that each depends on all of `bits`: the last step of MurmurHash3 (Appleby, public domain). */
function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
