/** What the connections of one running transport share, whatever carries their bytes. */

import type { Address, GossipError } from '@rumormill/protocol/plugin'
import { AbortWatch } from './abort-watch.ts'
import { BackOff } from './back-off.ts'
import { ByteBudget } from './byte-budget.ts'
import { DialGuard } from './dial-guard.ts'
import { narrowPathError } from './endings.ts'
import type { GuardedReceiver } from './guarded-receiver.ts'
import { NarrowPaths } from './narrow-paths.ts'
import { ReportedPeers } from './reported-peers.ts'
import type { StreamConfig } from './stream-options.ts'
import type { Sweep } from './sweep.ts'

/** What a transport holds and has transferred. The first two are current amounts, the others count from the start. */
export interface StreamStats {
  /** Bytes in the send queues. */
  readonly queuedBytes: number
  /** Bytes of half-received messages. */
  readonly partialBytes: number
  /** Messages passed to the network. */
  readonly sentMessages: number
  /** Bytes passed to the network, frame headers included. */
  readonly sentBytes: number
  /** Messages delivered to the receiver. */
  readonly receivedMessages: number
  readonly receivedBytes: number
}

export class StreamContext {
  readonly aborts: AbortWatch = new AbortWatch()
  readonly partial: ByteBudget
  readonly queued: ByteBudget
  readonly backOff: BackOff
  readonly dials: DialGuard
  readonly narrow: NarrowPaths
  /** Peers of another group or version that dialled this node. Each is reported once, however often it dials. */
  readonly mismatched: ReportedPeers = new ReportedPeers()
  receiver: GuardedReceiver | undefined
  /** Set once the transport runs. */
  sweep: Sweep | undefined
  /** The peers that are pinged when they are silent. */
  #watched: ReadonlySet<Address> = new Set()

  /** `crowdOf` returns what dials are limited by; see {@link DialGuard}. */
  constructor({ limits, deadlines, rng }: StreamConfig, crowdOf?: (address: Address) => string) {
    this.partial = new ByteBudget(limits.partialBytes)
    this.queued = new ByteBudget(limits.queuedBytes)
    this.backOff = new BackOff({ ...deadlines, ...limits, rng })
    this.dials = new DialGuard(limits.backOffAddresses, crowdOf)
    this.narrow = new NarrowPaths(limits.backOffAddresses, (address, narrowMs) =>
      this.fail(narrowPathError(address, narrowMs))
    )
  }

  watch(peers: readonly Address[]): void {
    this.#watched = new Set(peers)
    this.sweep?.soon()
  }

  isWatched(peer: Address): boolean {
    return this.#watched.has(peer)
  }

  /** Reports an error that unauthenticated peers can cause at any rate: one a second per code, with a count. */
  trouble(error: GossipError): void {
    this.receiver?.trouble(error, performance.now())
  }

  fail(error: GossipError): void {
    this.receiver?.fail(error)
  }
}
