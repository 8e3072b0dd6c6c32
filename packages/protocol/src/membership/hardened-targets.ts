/** Chooses peers for a hardened node: from its private sample of the group, and regularly a contact of its peer source. */

import type { Address, Peer } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'
import type { SimulatedMembership } from './config.ts'
import { MinWiseSampler } from './min-wise.ts'

/** How many contacts that answered are kept as anchors, whatever other peers send. */
const ANCHORS = 2

/**
 * One choice in this many is an anchor. So a node whose sample, view and senders are all controlled by an attacker still
 * reaches a correct peer in each ten choices. It costs seeds requests from a tenth of the group more in each round.
 */
const ANCHOR_EVERY = 10

/** An empty list, shared to save memory. */
const NO_ADDRESSES: readonly Address[] = []

export class HardenedTargets {
  readonly #self: Address
  readonly #sampler: MinWiseSampler
  /** Contacts from the peer source. Not those from before a restart, because these may come from views of other nodes. */
  #named: readonly Address[] = NO_ADDRESSES
  /** The first of them that answered. One that cannot be reached becomes a contact again. */
  #anchors: readonly Address[] = NO_ADDRESSES
  /** The numbers of choices, of targets and of partners. Counted separately, so that each has its own anchors' turns. */
  #targets: number
  #partners: number

  constructor(self: Address, config: SimulatedMembership, rng: Rng) {
    this.#self = self
    this.#sampler = new MinWiseSampler(config.viewSize, rng, config.hashOf)
    // Random, so that nodes that start together do not request from their anchors at the same time.
    this.#targets = rng.below(ANCHOR_EVERY)
    this.#partners = rng.below(ANCHOR_EVERY)
  }

  /** Replaces the contacts that the peer source has named. */
  named(contacts: readonly Address[]): void {
    this.#named = contacts
  }

  /** Returns whether a contact may become an anchor. */
  mayAnchor(contact: Address): boolean {
    return (
      this.#anchors.length < ANCHORS &&
      this.#named.includes(contact) &&
      !this.#anchors.includes(contact)
    )
  }

  /** Returns a target for gossip that is not in `taken`; `undefined` while no peer is verified. */
  target(taken: readonly Address[]): Address | undefined {
    const anchor = this.#anchorOf(++this.#targets)
    return anchor === undefined || taken.includes(anchor) ? this.#sampler.sample(taken) : anchor
  }

  /** Returns a peer to choose as a neighbor that is not in `taken`; `undefined` while no peer is verified. */
  neighbor(taken: readonly Address[]): Address | undefined {
    return this.#sampler.sample(taken)
  }

  /**
   * Returns a partner for a view exchange: an anchor or a verified peer. Such peers name correct ones, so that views and
   * sample repair each other.
   */
  partner(mayAsk: (address: Address) => boolean): Address | undefined {
    const partner = this.#anchorOf(++this.#partners) ?? this.#sampler.sample(NO_ADDRESSES)
    if (partner === undefined || mayAsk(partner)) return partner
    this.#sampler.failed(partner)
    return undefined
  }

  /** Notes that a partner has not answered. An anchor stays one. */
  unanswered(partner: Address): void {
    this.#sampler.unanswered(partner)
  }

  /** Considers `from` and the entries of its view for the sample. */
  considerView(from: Address, view: readonly Peer[]): void {
    this.#sampler.consider(from)
    for (const { address } of view) if (address !== this.#self) this.#sampler.consider(address)
  }

  /** Notes that an address answered a request of this node, which verifies it. */
  answered(address: Address): void {
    this.#sampler.answered(address)
  }

  /** Makes a contact that has sent a message an anchor, if there are not enough yet. */
  anchor(contact: Address): void {
    if (this.mayAnchor(contact)) this.#anchors = [...this.#anchors, contact]
  }

  /** Returns the anchors and the verified peers. */
  addresses(): Address[] {
    return [...this.#anchors, ...this.#sampler.samples()]
  }

  /** Removes an address that cannot be reached. Returns whether it was an anchor. */
  unreachable(address: Address): boolean {
    this.#sampler.failed(address)
    return this.#dropAnchor(address)
  }

  forget(address: Address): void {
    this.#sampler.forget(address)
    this.#dropAnchor(address)
  }

  /** Ends a period. Returns the address to probe next, if any. */
  nextProbe(mayAsk: (address: Address) => boolean): Address | undefined {
    const probe = this.#sampler.nextProbe()
    return probe === undefined || !mayAsk(probe) ? undefined : probe
  }

  /** Returns the anchor for the choice of this number, if it is an anchor's turn. */
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
