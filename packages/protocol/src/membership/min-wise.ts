/**
 * A private sample of the group that poisoned views cannot bend: min-wise slots, as Brahms (Bortnikov et al. 2009) has
 * them, re-seeded now and then, as BASALT does (Auvolat et al. 2023).
 *
 * Each slot has a secret seed, and wants the address that hashes lowest under it of all addresses ever heard. How often
 * an address is heard makes no difference, so a few that push themselves everywhere gain nothing. An address is used only
 * once it has answered something that we asked: until then it is a candidate, and candidates are probed one at a time.
 */

import type { Address } from '../peer.ts'
import { pick, type Rng } from '../random.ts'

/** Periods after which a slot gets a new seed; measured, see docs/hardening.md. */
const SLOT_LIFE_PERIODS = 100

/** So long a new seed listens before anybody is probed for it: who is quick to be heard has no advantage then. */
const SETTLING_PERIODS = 50

/** How many failed candidates are remembered per slot, so that a dead address does not keep a slot waiting forever. */
const FAILED_PER_SLOT = 4

/** Above every hash. */
const HIGHEST = 2 ** 32

export class MinWiseSampler {
  readonly #rng: Rng
  readonly #hashOf: (address: Address) => number
  readonly #seeds: number[] = []
  /** Who is in each slot, and its hash there. */
  readonly #addresses: (Address | undefined)[] = []
  readonly #hashes: number[] = []
  /** The lowest of those heard that hash lower than who is in the slot, and have not answered yet. */
  readonly #candidates: (Address | undefined)[] = []
  readonly #candidateHashes: number[] = []
  /** Candidates that did not answer, oldest first. */
  readonly #failed = new Set<Address>()
  /** Those in slots that were silent when last asked. */
  readonly #doubted = new Set<Address>()
  #probed: Address | undefined
  #periods = 0
  #nextProbed = 0
  #nextReseeded = 0

  /** `slots` is how large the sample is. */
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

  /** Who is in a random slot, and is none of `taken`; `undefined` when that slot is empty, or nobody is left. */
  sample(taken: readonly Address[]): Address | undefined {
    const address = pick(this.#addresses, this.#rng)
    if (address === undefined || !taken.includes(address)) return address
    return pick(
      this.samples().filter((other) => !taken.includes(other)),
      this.#rng
    )
  }

  /** The slots that are filled, a peer as often as it has slots. */
  samples(): Address[] {
    return this.#addresses.filter((address) => address !== undefined)
  }

  /** It was spoken of, or spoke. */
  saw(address: Address): void {
    const hash = this.#hashOf(address)
    for (let slot = 0; slot < this.#seeds.length; slot++) {
      const rank = mixed(hash ^ this.#seeds[slot]!)
      if (rank >= this.#candidateHashes[slot]! || rank >= this.#hashes[slot]!) continue
      if (this.#failed.has(address)) return
      this.#candidates[slot] = address
      this.#candidateHashes[slot] = rank
    }
  }

  /** It answered what we asked: it takes the slots that it is the lowest for, and may wait in empty ones for a lower. */
  answered(address: Address): void {
    this.#failed.delete(address)
    this.#doubted.delete(address)
    if (this.#probed === address) this.#probed = undefined
    const hash = this.#hashOf(address)
    for (let slot = 0; slot < this.#seeds.length; slot++) {
      const rank = mixed(hash ^ this.#seeds[slot]!)
      if (rank >= this.#hashes[slot]!) continue
      // Attackers answer everybody and at once: who is awaited must not lose its slot to them meanwhile.
      const awaits = rank > this.#candidateHashes[slot]! || this.#settles(slot)
      if (awaits && this.#addresses[slot] !== undefined) continue
      this.#addresses[slot] = address
      this.#hashes[slot] = rank
      if (rank <= this.#candidateHashes[slot]!) this.#clearCandidate(slot)
    }
  }

  /** It was asked, and did not answer. Messages get lost: somebody in a slot fails when that happens twice in a row. */
  silent(address: Address): void {
    if (this.#probed === address) this.#probed = undefined
    if (this.#doubted.has(address) || !this.#addresses.includes(address))
      return this.failed(address)
    for (const other of this.#doubted)
      if (!this.#addresses.includes(other)) this.#doubted.delete(other)
    this.#doubted.add(address)
  }

  /** It cannot be reached: its slots are empty, and it is no candidate for a while. */
  failed(address: Address): void {
    this.forget(address)
    this.#failed.add(address)
    if (this.#failed.size > FAILED_PER_SLOT * this.#seeds.length)
      this.#failed.delete(this.#failed.values().next().value!)
  }

  forget(address: Address): void {
    this.#doubted.delete(address)
    if (this.#probed === address) this.#probed = undefined
    for (let slot = 0; slot < this.#seeds.length; slot++) {
      if (this.#candidates[slot] === address) this.#clearCandidate(slot)
      if (this.#addresses[slot] !== address) continue
      this.#addresses[slot] = undefined
      this.#hashes[slot] = HIGHEST
    }
  }

  /**
   * A period has passed. Returns whom to probe, whose answer is to be told to {@link answered}: a candidate, else somebody
   * in a slot, to see whether it still lives. Who was probed before and has not answered is silent.
   */
  nextProbe(): Address | undefined {
    if (this.#probed !== undefined) this.silent(this.#probed)
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

  /** Whether the seed of the slot still listens: it is one of those that got theirs last. */
  #settles(slot: number): boolean {
    const slots = this.#seeds.length
    const reseededSince = (this.#nextReseeded - 1 - slot) % slots
    return (
      this.#nextReseeded > slot &&
      reseededSince < Math.floor((SETTLING_PERIODS * slots) / SLOT_LIFE_PERIODS)
    )
  }

  /** Slots in turn get a new seed, so that samples stay fresh; who is in one stays until its successor answers. */
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

/** FNV-1a over the characters, from a secret start. Not for secrets of its own: seeds never leave the node. */
function keyedHash(address: Address, key: number): number {
  let hash = key
  for (let index = 0; index < address.length; index++)
    hash = Math.imul(hash ^ address.charCodeAt(index), 0x01000193)
  return mixed(hash)
}

/** Every bit of the result depends on every bit of `bits`: the last step of MurmurHash3 (Appleby, public domain). */
function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
