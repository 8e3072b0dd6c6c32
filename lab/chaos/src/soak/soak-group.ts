/**
 * A group of six default nodes in virtual time, which loses messages and nodes for days. It counts the submitted updates, the
 * deliveries to each node, and the reported losses.
 */

import { binaryCodec } from '@rumormill/codec-binary'
import {
  createGossip,
  GossipError,
  staticPeers,
  type GossipEvent,
  type GossipOptions,
  type GossipService
} from '@rumormill/protocol'
import { createRng, type Rng } from '@rumormill/protocol/plugin'
import {
  manualClock,
  memoryNetwork,
  type ManualClock,
  type MemoryNetwork
} from '@rumormill/testkit'
import { contentOf, numberIn } from '../submissions.ts'

const NODES = 6
const CONTENT_BYTES = 64
const LOSS = 0.05
const STEP_MS = 1000

/** By then an update must have reached all nodes, and a newcomer must have all active updates; both take far less. */
const DUE_MS = 2 * 60_000
/** Updates that a killed node submitted this shortly before may be lost with it. */
const UNSAFE_MS = 5000

export interface SoakPlan {
  readonly seed: number
  readonly totalMs: number
  readonly updateEveryMs: number
  /** The time between two nodes that leave, and how long each is away. */
  readonly churnEveryMs: number
  readonly awayMs: number
  readonly options?: Partial<GossipOptions>
}

interface Slot {
  readonly number: number
  gossip: GossipService | undefined
  bornMs: number
  /** The updates that this node has received, one byte each. */
  readonly got: Uint8Array
}

export interface SoakResult {
  submitted: number
  /** Submissions that all nodes of the group refused for a minute. */
  wedged: number
  left: number
  killed: number
  bans: number
  doubled: number
  /** Updates that a running node did not get: with an event, without one, and lost with the killed node that submitted them. */
  reported: number
  unreported: number
  gone: number
  /** Newcomers that lacked active updates when they were due. */
  late: number
}

export class SoakGroup {
  readonly clock: ManualClock = manualClock()
  readonly result: SoakResult = {
    submitted: 0,
    wedged: 0,
    left: 0,
    killed: 0,
    bans: 0,
    doubled: 0,
    reported: 0,
    unreported: 0,
    gone: 0,
    late: 0
  }
  readonly #plan: SoakPlan
  readonly #rng: Rng
  readonly #network: MemoryNetwork
  readonly #slots: Slot[]
  /** When each update was submitted, and by which slot. */
  readonly #submittedMs: Float64Array
  readonly #submitters: Uint8Array
  /** The numbers of updates that events may still mention, by digest. */
  readonly #recent = new Map<string, number>()
  /** Updates that may be lost with a killed node. */
  readonly #unsafe = new Set<number>()
  readonly #reportedIds = new Set<number>()
  readonly #newcomers: { readonly slot: Slot; readonly bornMs: number }[] = []
  /** The first update that is not yet checked. */
  #unchecked = 0
  #blockedSinceMs = Infinity
  #nextUpdateMs = 0
  #nextChurnMs: number
  #away: { readonly slot: Slot; readonly address: string; readonly untilMs: number } | undefined

  constructor(plan: SoakPlan) {
    this.#plan = plan
    this.#rng = createRng(plan.seed)
    this.#network = memoryNetwork({
      clock: this.clock,
      rng: this.#rng.fork(),
      delayMs: { least: 1, most: 10 },
      loss: LOSS
    })
    const updates = Math.ceil(plan.totalMs / plan.updateEveryMs) + 1
    this.#submittedMs = new Float64Array(updates)
    this.#submitters = new Uint8Array(updates)
    this.#nextChurnMs = plan.churnEveryMs
    this.#slots = Array.from({ length: NODES }, (_, number) => ({
      number,
      gossip: undefined,
      bornMs: 0,
      got: new Uint8Array(updates)
    }))
  }

  async start(): Promise<void> {
    for (const slot of this.#slots) await this.#enter(slot)
    await this.clock.advance(10_000)
    this.#nextUpdateMs = this.clock.now()
  }

  /** Advances the virtual time by `ms`. */
  async pass(ms: number): Promise<void> {
    for (const endMs = this.clock.now() + ms; this.clock.now() < endMs;) {
      while (this.#nextUpdateMs <= this.clock.now()) this.#submit()
      await this.#churn()
      this.#check()
      await this.clock.advance(Math.min(STEP_MS, this.#plan.updateEveryMs))
    }
  }

  get activeUpdates(): readonly number[] {
    return this.#slots.flatMap(({ gossip }) => gossip?.stats().activeUpdates ?? [])
  }

  async stop(): Promise<void> {
    const running = this.#slots.flatMap(({ gossip }) => gossip ?? [])
    const stopped = Promise.all(running.map((gossip) => gossip.stop({ graceMs: 0 })))
    await this.clock.advance(1000)
    await stopped
  }

  async #enter(slot: Slot, address?: string): Promise<void> {
    const peers = this.#slots.flatMap(({ gossip }) => gossip?.address ?? []).slice(0, 2)
    const gossip = createGossip({
      transport: this.#network.transport(address),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      clock: this.clock,
      rng: this.#rng.fork(),
      handler: { onUpdate: ({ content }) => this.#got(slot, content) },
      observe: (event) => this.#observe(event),
      ...this.#plan.options
    })
    await gossip.start()
    slot.got.fill(0)
    slot.bornMs = this.clock.now()
    slot.gossip = gossip
  }

  #got(slot: Slot, content: Uint8Array): void {
    const id = numberIn(content)
    if (slot.got[id]!++ > 0) this.result.doubled++
  }

  #observe(event: GossipEvent): void {
    if (event.kind === 'violation' && event.bannedMs > 0) this.result.bans++
    if (event.kind !== 'dropped' || !['lost', 'unacknowledged'].includes(event.reason)) return
    for (const digest of event.digests ?? []) {
      const id = this.#recent.get(digest)
      if (id !== undefined) this.#reportedIds.add(id)
    }
  }

  #submit(): void {
    const nowMs = this.clock.now()
    this.#nextUpdateMs += this.#plan.updateEveryMs
    const present = this.#slots.filter(({ gossip }) => gossip !== undefined)
    const slot = present[this.#rng.below(present.length)]!
    const id = this.result.submitted
    try {
      const { digest } = slot.gossip!.submit(contentOf(id, CONTENT_BYTES))
      this.#recent.set(digest, id)
      if (this.#recent.size > 10_000) this.#recent.delete(this.#recent.keys().next().value!)
    } catch (error) {
      if (!(error instanceof GossipError) || error.code !== 'STORE_FULL') throw error
      this.#blockedSinceMs = Math.min(this.#blockedSinceMs, nowMs)
      if (nowMs - this.#blockedSinceMs > 60_000) this.result.wedged++
      return
    }
    this.#blockedSinceMs = Infinity
    this.#submittedMs[id] = nowMs
    slot.got[id] = 1
    this.#submitters[id] = slot.number
    this.result.submitted++
  }

  async #churn(): Promise<void> {
    const nowMs = this.clock.now()
    if (this.#away !== undefined && nowMs >= this.#away.untilMs) {
      const { slot, address } = this.#away
      this.#away = undefined
      // Half of them return at the same address.
      await this.#enter(slot, this.#rng.below(2) === 0 ? address : undefined)
      this.#newcomers.push({ slot, bornMs: nowMs })
    }
    if (nowMs < this.#nextChurnMs) return
    this.#nextChurnMs += this.#plan.churnEveryMs
    const slot = this.#slots[this.#rng.below(NODES)]!
    const { gossip } = slot
    slot.gossip = undefined
    this.#away = { slot, address: gossip!.address, untilMs: nowMs + this.#plan.awayMs }
    const isKilled = this.#rng.below(2) === 0
    if (isKilled) {
      this.result.killed++
      for (let id = this.result.submitted - 1; nowMs - this.#submittedMs[id]! < UNSAFE_MS; id--)
        if (this.#submitters[id] === slot.number) this.#unsafe.add(id)
    } else this.result.left++
    const stopped = gossip!.stop(isKilled ? { graceMs: 0 } : {})
    await this.clock.advance(3000)
    await stopped
  }

  /** Checks the updates and newcomers that are due by now. */
  #check(): void {
    const nowMs = this.clock.now()
    for (; this.#unchecked < this.result.submitted; this.#unchecked++) {
      const atMs = this.#submittedMs[this.#unchecked]!
      if (nowMs < atMs + DUE_MS) break
      const lacks = this.#slots.some(
        ({ gossip, bornMs, got }) =>
          gossip !== undefined && bornMs <= atMs && got[this.#unchecked] === 0
      )
      if (!lacks) continue
      if (this.#unsafe.has(this.#unchecked)) this.result.gone++
      else if (this.#reportedIds.has(this.#unchecked)) this.result.reported++
      else this.result.unreported++
    }
    while (this.#newcomers[0] !== undefined && nowMs >= this.#newcomers[0].bornMs + DUE_MS) {
      const { slot, bornMs } = this.#newcomers.shift()!
      if (slot.gossip === undefined || slot.bornMs !== bornMs) continue
      const most = Math.max(...this.activeUpdates)
      if (slot.gossip.stats().activeUpdates < 0.99 * most) this.result.late++
    }
  }
}
