/** A transport with the faults of a plan, over any network, real or in memory. */

import {
  GossipError,
  type Address,
  type Clock,
  type Receiver,
  type Rng,
  type Transport
} from '@rumormill/protocol/plugin'
import { mutate } from '../message-samples.ts'
import type { FaultConfig, FaultCounts } from './fault-config.ts'
import { Holds } from './holds.ts'

/** The most delayed messages of one transport; beyond it, `send` rejects with OVERLOADED. */
const MAX_HELD = 10_000
/** For how many peers the last message is kept. */
const MAX_REPLAYS = 64
/** The duration of a rare standstill, and the delay of a stale message. */
const CLOG_MS = 5000
const STALE_MS = 30_000

/** The parts of the plan that its transports use. */
export interface FaultSource {
  readonly config: FaultConfig
  readonly counts: { -readonly [Count in keyof FaultCounts]: FaultCounts[Count] }
  readonly clock: Clock
  readonly rng: Rng
  isOpen(from: Address, to: Address): boolean
  /** Returns whether a fault with this share occurs now. */
  happens(share: number): boolean
  /** Returns the delay of the next message. */
  nextDelayMs(): number
  buggify(site: string): boolean
}

export class FaultyTransport implements Transport {
  readonly maxMessageBytes: number
  readonly #inner: Transport
  readonly #plan: FaultSource
  readonly #holds: Holds
  /** Until when messages to a peer stand still, and the last message to it: both for rare faults only. */
  readonly #cloggedUntilMs = new Map<Address, number>()
  readonly #lastBytes = new Map<Address, Uint8Array>()
  #receiver: Receiver | undefined
  #address: Address | undefined

  constructor(inner: Transport, plan: FaultSource) {
    this.#inner = inner
    this.#plan = plan
    this.#holds = new Holds(plan.clock, MAX_HELD)
    this.maxMessageBytes = inner.maxMessageBytes
  }

  async start(receiver: Receiver, options: { protocol: string }): Promise<Address> {
    const faulty: Receiver = {
      receive: (from, bytes) => {
        if (this.#address !== undefined && !this.#plan.isOpen(from, this.#address))
          this.#plan.counts.cut++
        else receiver.receive(from, bytes)
      },
      fail: (error) => receiver.fail(error),
      lost: (peer, error) => receiver.lost(peer, error)
    }
    const address = await this.#inner.start(faulty, options)
    this.#receiver = receiver
    this.#address = address
    return address
  }

  get reachable(): boolean | undefined {
    return this.#inner.reachable
  }

  async send(to: Address, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    const isSound = bytes.length > 0 && bytes.length <= this.maxMessageBytes && to !== this.#address
    // The transport itself refuses these sends, with its own error.
    if (this.#address === undefined || !isSound || signal.aborted)
      return this.#inner.send(to, bytes, { signal })
    this.#plan.counts.messages++
    if (!this.#mayPass(to)) return
    await this.#whileBuggified(to, bytes, signal, async () => {
      if (this.#plan.happens(this.#plan.config.loss)) {
        this.#plan.counts.lost++
        return
      }
      if (this.#plan.happens(this.#plan.config.duplicate)) {
        this.#plan.counts.duplicated++
        this.#sendAside(to, bytes.slice(), this.#plan.nextDelayMs(), signal)
      }
      await this.#sendLate(to, this.#perhapsCorrupted(bytes), this.#plan.nextDelayMs(), signal)
    })
  }

  watch(peers: readonly Address[]): void {
    this.#inner.watch(peers)
  }

  async stop(): Promise<void> {
    this.#address = undefined
    this.#holds.giveUp(new GossipError('NOT_RUNNING', 'this transport has stopped'))
    await this.#inner.stop()
  }

  /** Returns whether no cut blocks the message; throws if one does and senders notice it. */
  #mayPass(to: Address): boolean {
    if (this.#plan.isOpen(this.#address!, to)) return true
    this.#plan.counts.cut++
    if (this.#plan.config.blackHole) return false
    throw new GossipError('UNREACHABLE', `${to} is cut off from ${this.#address!}`)
  }

  /** Sends a message with the rare faults; each is a site by its name. */
  async #whileBuggified(
    to: Address,
    bytes: Uint8Array,
    signal: AbortSignal,
    send: () => Promise<void>
  ): Promise<void> {
    if (this.#plan.config.buggify === 0) return send()
    const strikes = (site: string): boolean => this.#plan.buggify(`transport: ${site}`)
    if (strikes('refuses')) throw new GossipError('UNREACHABLE', `${to} is temporarily unreachable`)
    if (strikes('is full'))
      throw new GossipError('OVERLOADED', `too many messages to ${to} are under way`)
    if (strikes('complains')) this.#complain()
    if (strikes('clogs'))
      this.#note(
        this.#cloggedUntilMs,
        to,
        this.#plan.clock.now() + this.#plan.rng.fraction() * CLOG_MS
      )
    const earlier = this.#lastBytes.get(to)
    if (earlier !== undefined && strikes('replays')) this.#sendAside(to, earlier.slice(), 0, signal)
    this.#note(this.#lastBytes, to, bytes.slice())
    if (strikes('cuts short'))
      return this.#inner.send(to, bytes.slice(0, 1 + this.#plan.rng.below(bytes.length)), {
        signal
      })
    if (strikes('is very late'))
      return this.#sendAside(to, bytes, this.#plan.rng.fraction() * STALE_MS, signal)
    await send()
    if (strikes('settles late')) await this.#hold(this.#plan.rng.fraction() * CLOG_MS, signal)
    if (strikes('doubts'))
      throw new GossipError('CONNECTION_LOST', `it is unknown whether the message reached ${to}`)
  }

  /** Reports a failure, but not during `send`, where the caller does not expect it. */
  #complain(): void {
    const { clock } = this.#plan
    clock.wakeAt(clock.now(), () => {
      if (this.#address !== undefined)
        this.#receiver!.fail(new GossipError('TRANSPORT_FAILED', 'an injected failure'))
    })
  }

  #note<T>(notes: Map<Address, T>, to: Address, note: T): void {
    notes.delete(to)
    notes.set(to, note)
    if (notes.size > MAX_REPLAYS) notes.delete(notes.keys().next().value!)
  }

  #perhapsCorrupted(bytes: Uint8Array): Uint8Array {
    if (!this.#plan.happens(this.#plan.config.corrupt)) return bytes
    this.#plan.counts.corrupted++
    const damaged = mutate(bytes, this.#plan.rng)
    return damaged.length > 0 && damaged.length <= this.maxMessageBytes
      ? damaged
      : bytes.slice(0, 1)
  }

  /** Sends a message that no caller awaits, and ignores its result. */
  #sendAside(to: Address, bytes: Uint8Array, delayMs: number, signal: AbortSignal): void {
    this.#sendLate(to, bytes, delayMs, signal).catch(() => {})
  }

  async #sendLate(
    to: Address,
    bytes: Uint8Array,
    delayMs: number,
    signal: AbortSignal
  ): Promise<void> {
    const cloggedMs = (this.#cloggedUntilMs.get(to) ?? 0) - this.#plan.clock.now()
    const totalMs = Math.max(0, cloggedMs) + delayMs
    if (totalMs > 0) {
      this.#plan.counts.delayed++
      await this.#hold(totalMs, signal)
      if (!this.#mayPass(to)) return
    }
    await this.#inner.send(to, bytes, { signal })
  }

  #hold(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#holds.isFull) this.#plan.counts.overloaded++
    return this.#holds.wait(ms, signal)
  }
}
