/**
 * Repairs what other ways have missed: in each round, this node and a peer compare their active updates, by lists of digests
 * (the scheme of the reference crate; Demers et al. 1987, section 1.3) or by sketches. What the peer names is offered for
 * fetching.
 */

import { lastingDrops, unsolicited } from '../model/drop.ts'
import type { FamilyEffect } from '../model/effect.ts'
import type { Message, MessageOf } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { DigestBlock } from '../model/update.ts'
import type { ComparisonConfig } from './config.ts'
import { Leaving } from './leaving.ts'
import { Rounds, type RoundsParts } from './rounds.ts'

/** The messages of this family. */
export type ComparisonMessage = MessageOf<
  'digest-request' | 'digest-response' | 'sketch-request' | 'sketch-response' | 'difference-request'
>

/** What becomes of the digests that a peer names; see `Fetcher`. */
export interface Offers {
  offered(
    nowMs: number,
    from: Address,
    digests: DigestBlock,
    fetches: boolean,
    requestNumber?: number
  ): FamilyEffect[]
  freeSlotsFor(nowMs: number, from: Address): number
  countAcceptable(nowMs: number, from: Address, digests: DigestBlock): number
  fullAnswer(from: Address): void
}

export interface AntiEntropyParts extends RoundsParts {
  readonly offers: Offers
}

export class AntiEntropy {
  readonly #config: ComparisonConfig
  readonly #offers: Offers
  readonly #rounds: Rounds
  readonly #leaving: Leaving
  /** The number of the last digest request received: by it, an answer leaves out what the request named. */
  #requestNumber = 0

  constructor(parts: AntiEntropyParts) {
    const { config, offers, unacknowledged } = parts
    this.#config = config
    this.#offers = offers
    this.#rounds = new Rounds(parts)
    const batch = Math.min(config.maxRequestsPerPeer, config.maxDigestsPerMessage)
    this.#leaving = new Leaving(this.#rounds, unacknowledged, batch)
  }

  /** When the next round is due. */
  get dueMs(): number {
    return Math.min(this.#rounds.dueMs, this.#leaving.dueMs)
  }

  /** Starts the extra rounds of a node that stops, for updates that no peer is known to have. */
  leave(nowMs: number): void {
    this.#leaving.begin(nowMs)
  }

  /** Runs the rounds that are due: with the targets of `chooseTargets`, and after {@link leave} also with `neighbors`. */
  tick(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    neighbors: () => readonly Address[]
  ): FamilyEffect[] {
    const freeSlotsFor = (peer: Address): number => this.#offers.freeSlotsFor(nowMs, peer)
    const sends = this.#rounds.tick(nowMs, chooseTargets, freeSlotsFor)
    const peers = (): Address[] => [...neighbors(), ...chooseTargets(this.#config.fanout)]
    return [...sends, ...this.#leaving.tick(nowMs, peers)]
  }

  receive(nowMs: number, from: Address, message: ComparisonMessage): FamilyEffect[] {
    switch (message.kind) {
      case 'digest-request':
        return this.#answerList(nowMs, from, message.digests)
      case 'digest-response':
        return this.#takeAnswer(nowMs, from, message.digests)
      case 'sketch-request':
        return this.#rounds.answerSketch(from, message)
      case 'sketch-response':
        return this.#compare(nowMs, from, message)
      case 'difference-request': {
        const answer = this.#rounds.answerDifference(from, message)
        const { push } = this.#config
        return [...answer, ...this.#offers.offered(nowMs, from, message.digests, push)]
      }
    }
  }

  /** Requests more of what the last comparison with `peer` found missing here, as far as there are free slots. */
  goOn(nowMs: number, peer: Address): FamilyEffect[] {
    return this.#rounds.goOn(nowMs, peer, this.#offers.freeSlotsFor(nowMs, peer))
  }

  sendFailed(to: Address): void {
    this.#rounds.sendFailed(to)
  }

  #answerList(nowMs: number, from: Address, named: DigestBlock): FamilyEffect[] {
    const { push, pull } = this.#config
    const number = ++this.#requestNumber
    const effects = this.#offers.offered(nowMs, from, named, push, number)
    if (!pull) return effects
    const message: Message = { kind: 'digest-response', digests: this.#rounds.offer(number) }
    return [...effects, { kind: 'send', to: from, message }]
  }

  #compare(nowMs: number, from: Address, response: MessageOf<'sketch-response'>): FamilyEffect[] {
    const freeSlots = this.#offers.freeSlotsFor(nowMs, from)
    const sends = this.#rounds.compare(nowMs, from, response, freeSlots)
    if (this.#rounds.lacksNothingOf(from)) this.#offers.fullAnswer(from)
    return sends ?? [unsolicited(from)]
  }

  /** Offers the digests of a requested answer, and notes for the next rounds whether this one changes anything. */
  #takeAnswer(nowMs: number, from: Address, digests: DigestBlock): FamilyEffect[] {
    const share = this.#rounds.answered(nowMs, from, digests)
    if (share === undefined) return [unsolicited(from)]
    // Counted before they are offered, so that it leaves out only the offers that are ignored.
    const acceptable = this.#offers.countAcceptable(nowMs, from, digests)
    const effects = this.#offers.offered(nowMs, from, digests, this.#config.pull)
    const { lasting, isFull } = lastingDrops(effects)
    if (share === 1 && !this.#rounds.hasMore(from)) this.#offers.fullAnswer(from)
    this.#rounds.considered(from, share, acceptable > lasting, isFull)
    return [...effects, ...this.goOn(nowMs, from)]
  }
}
