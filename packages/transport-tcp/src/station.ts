/** What the rooms of one running transport share: who it is, its lanes, and where to report. */

import type { Address, DismissalReason, GossipError } from '@rumormill/protocol'
import {
  AbortWatch,
  BackOff,
  ByteBudget,
  DialGuard,
  NarrowPaths,
  narrowPathError,
  ToldPeers,
  turnedAwayError,
  type GuardedReceiver
} from '@rumormill/stream-transport'
import type { Endpoint } from './address.ts'
import { Admission } from './admission.ts'
import type { TcpConfig } from './config.ts'
import { nowMs } from './deadlines.ts'
import type { Identity } from './greeting.ts'
import { HostCheck } from './host-check.ts'
import type { LaneShare } from './lane-share.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { Names } from './names.ts'
import { Counters, type TcpStats } from './stats.ts'
import { LaneTwins } from './twins.ts'

export class Station implements LaneShare {
  readonly config: TcpConfig
  readonly counters: Counters = new Counters()
  readonly partial: ByteBudget
  readonly queued: ByteBudget
  readonly aborts: AbortWatch = new AbortWatch()
  readonly lanes: Lanes = new Lanes()
  readonly backOff: BackOff
  readonly dials: DialGuard
  readonly narrow: NarrowPaths
  readonly names: Names = new Names()
  readonly hostCheck: HostCheck
  readonly admission: Admission
  /** Peers that dialled, and are of another group or of another version. Each is reported once, however often it dials. */
  readonly mismatched: ToldPeers = new ToldPeers()
  readonly twins: LaneTwins
  /** Those whose silence matters. */
  #watched: ReadonlySet<Address> = new Set()
  /** Known once the listener has its port. */
  identity: Identity | undefined
  /** Where the listener really listens. */
  bound: Endpoint | undefined
  receiver: GuardedReceiver | undefined

  constructor(config: TcpConfig) {
    this.config = config
    this.partial = new ByteBudget(config.limits.partialBytes)
    this.queued = new ByteBudget(config.limits.queuedBytes)
    this.backOff = new BackOff({ ...config.deadlines, ...config.limits, rng: config.rng })
    this.dials = new DialGuard(config.limits.backOffAddresses)
    this.narrow = new NarrowPaths(config.limits.backOffAddresses, (address, narrowMs) =>
      this.fail(narrowPathError(address, narrowMs))
    )
    this.admission = new Admission(config.limits)
    this.twins = new LaneTwins(this)
    this.hostCheck = new HostCheck(config.limits.lookups, this.names)
  }

  /** Hands frames to the receiver. What it throws is reported and harms no other message. */
  deliver(lane: Lane, frames: readonly Uint8Array[]): void {
    const from = lane.address!
    const leading = this.lanes.leadingTo(from)
    if (leading !== lane) {
      if (leading !== undefined) this.twins.met(leading, lane)
      if (lane.state === 'open') this.lanes.lead(lane)
    }
    for (const frame of frames) {
      if (lane.state !== 'open') return
      this.counters.receivedMessages++
      this.receiver!.receive(from, frame, lane.claim)
    }
  }

  /** A lane has closed. Told as a loss, or else reported unless a `send` was told, or connections end that way every day. */
  laneClosed(lane: Lane, error: GossipError, told: boolean): void {
    this.lanes.remove(lane)
    if (error.code === 'NOT_RUNNING' || lane.endsInPeace) return
    if (lane.opened) this.#lost(lane.address!, error, lane.wasTurnedAway)
    // Of peers of other groups each is told once anyway.
    else if (!told && error.code === 'PROTOCOL_MISMATCH') this.fail(error)
    else if (!told && error.code !== 'CONNECTION_LOST') this.trouble(error)
  }

  dismiss(peer: Address, reason: DismissalReason, connection?: string): void {
    for (const lane of this.lanes.all) {
      if (lane.address !== peer || (connection ?? lane.claim) !== lane.claim) continue
      this.counters.refuse('turned-away')
      lane.dismiss(turnedAwayError(reason), reason)
    }
  }

  watch(peers: readonly Address[]): void {
    this.#watched = new Set(peers)
  }

  checkDeadlines(now: number): void {
    this.receiver?.tellBursts(now)
    this.dials.release(now)
    for (const lane of this.lanes.all) {
      lane.watched = this.#watched.has(lane.address ?? '')
      lane.checkDeadlines(now)
    }
  }

  /** Resolves once all connections are gone. */
  async leaveLanes(reason: GossipError): Promise<void> {
    const lanes = [...this.lanes.all]
    for (const lane of lanes) lane.leave(reason)
    await Promise.all(lanes.map((lane) => lane.ended))
  }

  stats(): TcpStats {
    const lanes = [...this.lanes.all]
    const count = (wanted: (lane: Lane) => boolean): number => lanes.filter(wanted).length
    const { refused, ...counters } = this.counters
    return {
      inboundLanes: count((lane) => lane.direction === 'inbound' && lane.state === 'open'),
      outboundLanes: count((lane) => lane.direction === 'outbound' && lane.state === 'open'),
      dialling: count((lane) => lane.direction === 'outbound' && lane.state !== 'open'),
      pending: count((lane) => lane.direction === 'inbound' && lane.state !== 'open'),
      queuedBytes: this.queued.bytes,
      partialBytes: this.partial.bytes,
      ...counters,
      refused: { ...refused }
    }
  }

  /** As {@link fail}, for what strangers can cause at any rate: of each kind one a second, with how many there were. */
  trouble(error: GossipError): void {
    this.receiver!.trouble(error, nowMs())
  }

  #lost(peer: Address, error: GossipError, wasTurnedAway: boolean): void {
    if (this.lanes.leadingTo(peer)?.state === 'open') return
    if (!wasTurnedAway) this.backOff.lost(peer, nowMs())
    this.receiver!.lost(peer, error)
  }

  fail(error: GossipError): void {
    this.receiver!.fail(error)
  }
}
