/**
 * Detects two running nodes with the same identity (an address, or a key), by mistake or on purpose. They are distinguished
 * by when they started. The one that can be dialled at the identity is accepted, and until a dial has shown which, the one
 * that connected first. The other is refused, and both nodes and this one report it.
 */

import type { GossipError } from '@rumormill/protocol/plugin'
import type { GoodbyeReason } from './frame.ts'
import type { ReportedPeers } from './reported-peers.ts'

/** A connection or stream of a peer. */
export interface Claimant {
  readonly direction: 'inbound' | 'outbound'
  /** `open` once its hello was accepted, until this side ends it. */
  readonly state: string
  /** When the peer started, by its hello; 0 when unknown. */
  readonly incarnation: number
  /** When the last bytes of the peer arrived. */
  readonly lastReceivedMs: number
  /** Notifies the peer that another running node has its identity. */
  contest(): void
  dismiss(error: GossipError, reason: GoodbyeReason): void
}

/** The parts of a transport that {@link Twins} uses. */
export interface TwinsShare<C extends Claimant> {
  readonly all: Iterable<C>
  /** A peer that was silent for longer may have died without closing its connection. */
  readonly silentMs: number
  /** The identities that were already reported. */
  readonly mismatched: ReportedPeers
  identityOf(claimant: C): string | undefined
  /** Returns the host that the claimant connected from. */
  hostOf(claimant: C): string
  /** Returns the error for an identity in use; `more` says what happened to the other node. */
  inUse(identity: string, more: string): GossipError
  /** Counts one that was refused. */
  refused(): void
  fail(error: GossipError): void
  /** Dials `identity`, to find out which node answers there; may throw. */
  dial?(identity: string): void
}

export class Twins<C extends Claimant> {
  readonly #share: TwinsShare<C>

  constructor(share: TwinsShare<C>) {
    this.#share = share
  }

  /** Returns the error for a newcomer from `host` if another node with `identity` sent something in the last `silentMs`. */
  objection(identity: string, incarnation: number, host: string): GossipError | undefined {
    const sinceMs = performance.now() - this.#share.silentMs
    for (const claimant of this.#allOf(identity)) {
      if (!differ(claimant.incarnation, incarnation)) continue
      if (claimant.state !== 'open' || claimant.lastReceivedMs < sinceMs) continue
      claimant.contest()
      if (claimant.direction === 'inbound') this.#dial(identity)
      return this.#share.inUse(identity, `the other one, at ${host}, was refused`)
    }
    return undefined
  }

  /** Refuses the inbound claimants of the identity of `right`, which was dialled there. */
  dialled(right: C): void {
    for (const other of this.#allOf(this.#share.identityOf(right)))
      if (other.direction === 'inbound') this.#refuse(right, other)
  }

  /** Resolves a conflict between two connections: bytes arrived on `now` at this moment, and on `before` earlier. */
  met(before: C, now: C): void {
    if (before.state !== 'open' || !differ(before.incarnation, now.incarnation)) return
    // A node that started later may have replaced a process that died without closing its connection.
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

  /** Dials `identity`, unless a dialled connection exists. */
  #dial(identity: string): void {
    const isDialled = this.#allOf(identity).some(({ direction }) => direction === 'outbound')
    if (isDialled) return
    try {
      this.#share.dial?.(identity)
    } catch {
      // The address is in back-off, or there are too many connections. Nothing waits for this dial.
    }
  }

  #allOf(identity: string | undefined): C[] {
    return [...this.#share.all].filter((each) => this.#share.identityOf(each) === identity)
  }
}

function differ(one: number, other: number): boolean {
  return one !== 0 && other !== 0 && one !== other
}
