/**
 * Two living nodes that have one identity (an address, or a key), by mistake or to deceive: told apart by when they started. Who
 * can be dialled there is the right one; until that is known, who was there first. The other is refused, and all three are told.
 */

import type { GossipError } from '@rumormill/protocol'
import type { GoodbyeReason } from './frame.ts'
import type { ToldPeers } from './told-peers.ts'

/** A connection or stream of a peer. */
export interface Claimant {
  readonly direction: 'inbound' | 'outbound'
  /** `open` once its hello was accepted, until this side ends it. */
  readonly state: string
  /** When the peer started; 0 when it does not say. */
  readonly incarnation: number
  /** When the peer was heard last. */
  readonly heardMs: number
  /** Tells the peer that another living node has its identity. */
  contest(): void
  dismiss(error: GossipError, reason: GoodbyeReason): void
}

/** What they need of the transport. */
export interface TwinsShare<C extends Claimant> {
  readonly all: Iterable<C>
  /** Who was heard so long ago may have died without closing anything. */
  readonly silentMs: number
  /** What was reported. */
  readonly mismatched: ToldPeers
  identityOf(claimant: C): string | undefined
  /** Where it comes from. */
  hostOf(claimant: C): string
  /** The words for it, with what became of the other one. */
  inUse(identity: string, more: string): GossipError
  /** Counts one that was refused. */
  refused(): void
  fail(error: GossipError): void
  /** To see who answers by `identity`, where it can be dialled; may throw. */
  dial?(identity: string): void
}

export class Twins<C extends Claimant> {
  readonly #share: TwinsShare<C>

  constructor(share: TwinsShare<C>) {
    this.#share = share
  }

  /** Why a newcomer from `host` may not be `identity`: another one was heard a moment ago. A process that died is not. */
  objection(identity: string, incarnation: number, host: string): GossipError | undefined {
    const sinceMs = performance.now() - this.#share.silentMs
    for (const claimant of this.#allOf(identity)) {
      if (!differ(claimant.incarnation, incarnation)) continue
      if (claimant.state !== 'open' || claimant.heardMs < sinceMs) continue
      claimant.contest()
      if (claimant.direction === 'inbound') this.#dial(identity)
      return this.#share.inUse(identity, `the other one, at ${host}, was refused`)
    }
    return undefined
  }

  /** `right` leads to who can be dialled there: others that claim the identity go. */
  dialled(right: C): void {
    for (const other of this.#allOf(this.#share.identityOf(right)))
      if (other.direction === 'inbound') this.#refuse(right, other)
  }

  /** Both are heard: `now` at this moment, `before` some time ago. */
  met(before: C, now: C): void {
    if (before.state !== 'open' || !differ(before.incarnation, now.incarnation)) return
    // One that did not close may be of a process that is no more; and then it is silent.
    if (now.incarnation > before.incarnation) return
    if (before.direction === 'inbound') this.#refuse(now, before)
    else this.#refuse(before, now)
  }

  #refuse(right: C, wrong: C): void {
    if (wrong.state !== 'open' || !differ(right.incarnation, wrong.incarnation)) return
    const share = this.#share
    share.refused()
    const identity = share.identityOf(right)!
    right.contest()
    const error = share.inUse(identity, `the other one, at ${share.hostOf(wrong)}, was refused`)
    if (share.mismatched.add(`${identity} twice`)) share.fail(error)
    wrong.dismiss(error, 'identity-in-use')
  }

  /** To see who answers there, if nobody has tried yet. */
  #dial(identity: string): void {
    const isDialled = this.#allOf(identity).some(({ direction }) => direction === 'outbound')
    if (isDialled) return
    try {
      this.#share.dial?.(identity)
    } catch {
      // It is in back-off, or there is no room: nobody waits for it.
    }
  }

  #allOf(identity: string | undefined): C[] {
    return [...this.#share.all].filter((each) => this.#share.identityOf(each) === identity)
  }
}

function differ(one: number, other: number): boolean {
  return one !== 0 && other !== 0 && one !== other
}
