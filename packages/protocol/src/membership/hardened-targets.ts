/** Whom a hardened node asks and gossips with: its private sample of the group, and now and then a contact of its peer source. */

import type { Address, Peer } from '../peer.ts'
import type { Rng } from '../random.ts'
import type { SimulatedMembership } from './config.ts'
import { MinWiseSampler } from './min-wise.ts'

/** So many contacts that answered are kept, whatever others say. */
const ANCHORS = 2

/**
 * One choice of so many is an anchor. A node of which the sample, the view and all its senders are in one hand still
 * reaches a correct peer in each ten choices; seeds are asked by a tenth of the group more in each round.
 */
const ANCHOR_EVERY = 10

/** Shared by all that have nobody in a list. */
const NOBODY: readonly Address[] = []

export class HardenedTargets {
  readonly #self: Address
  readonly #sampler: MinWiseSampler
  /** Contacts of the application, not those of an earlier life: views may have named them. */
  #named: readonly Address[] = NOBODY
  /** The first of them that answered. Who cannot be reached is a contact again. */
  #anchors: readonly Address[] = NOBODY
  /** Counted apart, so that neither takes the turn of the other: targets of gossip, and partners. */
  #targets: number
  #partners: number

  constructor(self: Address, config: SimulatedMembership, rng: Rng) {
    this.#self = self
    this.#sampler = new MinWiseSampler(config.viewSize, rng, config.hashOf)
    // Nodes that start together do not ask their anchors together.
    this.#targets = rng.below(ANCHOR_EVERY)
    this.#partners = rng.below(ANCHOR_EVERY)
  }

  /** The application names these, and may have named others before. */
  named(contacts: readonly Address[]): void {
    this.#named = contacts
  }

  /** Whether it may still become an anchor. */
  wants(contact: Address): boolean {
    return (
      this.#anchors.length < ANCHORS &&
      this.#named.includes(contact) &&
      !this.#anchors.includes(contact)
    )
  }

  /** Somebody to gossip with who is none of `taken`; `undefined` while there is nobody proved. */
  target(taken: readonly Address[]): Address | undefined {
    const anchor = this.#anchorOf(++this.#targets)
    return anchor === undefined || taken.includes(anchor) ? this.#sampler.sample(taken) : anchor
  }

  /** Somebody to be a neighbor of who is none of `taken`; `undefined` while there is nobody proved. */
  neighbor(taken: readonly Address[]): Address | undefined {
    return this.#sampler.sample(taken)
  }

  /** Whom to exchange views with: who asks proved peers is told of correct ones, so that views and sample mend each other. */
  partner(mayAsk: (address: Address) => boolean): Address | undefined {
    const partner = this.#anchorOf(++this.#partners) ?? this.#sampler.sample(NOBODY)
    if (partner === undefined || mayAsk(partner)) return partner
    this.#sampler.failed(partner)
    return undefined
  }

  /** It was asked, and has not answered. An anchor stays one. */
  silent(partner: Address): void {
    this.#sampler.silent(partner)
  }

  /** `from` spoke, of these. */
  saw(from: Address, view: readonly Peer[]): void {
    this.#sampler.saw(from)
    for (const { address } of view) if (address !== this.#self) this.#sampler.saw(address)
  }

  /** It answered what we asked. */
  answered(address: Address): void {
    this.#sampler.answered(address)
  }

  /** A contact that lives. The first ones stay, whatever others say. */
  anchor(contact: Address): void {
    if (this.wants(contact)) this.#anchors = [...this.#anchors, contact]
  }

  /** Everybody proved. */
  addresses(): Address[] {
    return [...this.#anchors, ...this.#sampler.samples()]
  }

  /** It cannot be reached. Returns whether it was an anchor. */
  unreachable(address: Address): boolean {
    this.#sampler.failed(address)
    return this.#dropAnchor(address)
  }

  forget(address: Address): void {
    this.#sampler.forget(address)
    this.#dropAnchor(address)
  }

  /** A period has passed: whom to ask for a sign of life. */
  nextProbe(mayAsk: (address: Address) => boolean): Address | undefined {
    const probe = this.#sampler.nextProbe()
    return probe === undefined || !mayAsk(probe) ? undefined : probe
  }

  /** The anchor whose turn it is at that choice, if it is an anchor's. */
  #anchorOf(choice: number): Address | undefined {
    return choice % ANCHOR_EVERY === 0
      ? this.#anchors[(choice / ANCHOR_EVERY) % this.#anchors.length]
      : undefined
  }

  #dropAnchor(address: Address): boolean {
    if (!this.#anchors.includes(address)) return false
    this.#anchors = this.#anchors.filter((anchor) => anchor !== address)
    if (!this.#named.includes(address)) this.#named = [...this.#named, address]
    return true
  }
}
