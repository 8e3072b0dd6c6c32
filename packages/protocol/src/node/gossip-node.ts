/** Implements the service: passes input from the ports to the engine, and performs the engine's effects on the ports. */

import type { Engine } from '../engine/engine.ts'
import type { Effect } from '../model/effect.ts'
import { GossipError, toGossipError } from '../model/errors.ts'
import type { Send } from '../model/message.ts'
import { isAddress, type Address, type Peer } from '../model/peer.ts'
import {
  digestOfKey,
  keyOfDigest,
  type Digest,
  type HashFunction,
  type Submission,
  type UpdateStatus
} from '../model/update.ts'
import type { GossipConfig } from '../options/options.ts'
import { Persistence } from '../persistence/persistence.ts'
import { Alarm } from './alarm.ts'
import { decodeBy } from './decoding.ts'
import { Dismissals } from './dismissals.ts'
import { fastHash } from './fast-hash.ts'
import type { GossipService, GossipStats } from './gossip-service.ts'
import { GRACE_MS, GracePeriod } from './grace-period.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'
import { Readiness } from './readiness.ts'
import { Reports } from './reports.ts'
import { createRunning, type Running } from './running.ts'
import { Starting } from './starting.ts'
import { Validation } from './validation.ts'
import { Watched } from './watched.ts'

export class GossipNode implements GossipService {
  readonly #config: GossipConfig
  readonly #reports: Reports
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #validation: Validation
  readonly #persistence: Persistence
  #phase: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  #running: Running | undefined
  #stopping: Promise<void> | undefined
  readonly #watched: Watched
  readonly #dismissals: Dismissals
  readonly #alarm: Alarm
  readonly #readiness = new Readiness()
  readonly #starting: Starting
  readonly #grace: GracePeriod

  constructor(config: GossipConfig) {
    this.#config = config
    this.#reports = new Reports(config.observe)
    this.#alarm = new Alarm(config.clock, () => this.#tick())
    this.#grace = new GracePeriod(config.clock)
    this.#watched = new Watched(config.transport)
    this.#dismissals = new Dismissals(config.transport)
    this.#starting = new Starting(config.clock)
    this.#persistence = new Persistence(config, (error) => this.#reports.failed(error))
    this.#inbox = new Inbox(
      config,
      (event) => this.#reports.report(event),
      (key) => this.#persistence.handled(key)
    )
    this.#validation = new Validation(config, {
      validated: (key, verdict) =>
        this.#enter((engine, nowMs) => engine.validated(nowMs, key, verdict)),
      failed: (error, peer) => this.#reports.failed(error, peer)
    })
    this.#outbox = new Outbox(config.transport, config.codec, config.sending, {
      sent: (send, bytes) => this.#sent(send, bytes),
      sendFailed: (send, error, unreachable) => this.#sendFailed(send, error, unreachable)
    })
  }

  get address(): Address {
    return this.#requireRunning().address
  }

  async start(): Promise<Address> {
    const again = 'a gossip service starts once; make another with createGossip and a new transport'
    if (this.#phase !== 'new') throw new GossipError('ALREADY_STARTED', again)
    this.#phase = 'starting'
    try {
      const digest = this.#config.hash ?? (await fastHash())
      if (this.#phase !== 'starting') throw this.#notRunning()
      const loading = this.#persistence.load(digest)
      const unhandled = await this.#starting.step(loading, 'storage.load', 'STORAGE_FAILED')
      if (this.#phase !== 'starting') throw this.#notRunning()
      const listening = this.#config.transport.start(
        {
          receive: (from, bytes, connection) => this.#receive(from, bytes, connection),
          arriving: (from) => this.#enter((engine, nowMs) => engine.arriving(nowMs, from)),
          fail: (error) =>
            this.#reports.failed(toGossipError(error, 'TRANSPORT_FAILED', 'the transport failed')),
          lost: (peer, error) => this.#lost(peer, error)
        },
        { protocol: this.#config.protocol }
      )
      const address = await this.#starting.step(listening, 'transport.start', 'TRANSPORT_FAILED')
      if (this.#phase !== 'starting') throw this.#notRunning()
      if (!isAddress(address))
        throw new GossipError('TRANSPORT_FAILED', 'transport.start gave no address')
      this.#run(address, digest)
      for (const update of unhandled) this.#inbox.push(update)
      return address
    } catch (error) {
      if (this.#stopping === undefined) await this.#stopAfterFailedStart()
      throw toGossipError(error, 'TRANSPORT_FAILED', 'the transport did not start')
    }
  }

  /** Stops after a failed start. A failure of the stop is only reported, because the first error is the one to throw. */
  async #stopAfterFailedStart(): Promise<void> {
    try {
      await this.#starting.step(this.stop(), 'stop', 'TRANSPORT_FAILED')
    } catch (error) {
      this.#reports.failed(
        toGossipError(error, 'TRANSPORT_FAILED', 'stopping after a failed start')
      )
    }
  }

  ready({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#readiness.wait(signal)
  }

  submit(content: Uint8Array): Submission
  submit(content: Uint8Array, options: { readonly durable: true }): Promise<Submission>
  submit(
    content: Uint8Array,
    options?: { readonly durable: true }
  ): Submission | Promise<Submission> {
    return options?.durable === true
      ? this.#persistence.durably(() => this.#submit(content))
      : this.#submit(content)
  }

  #submit(content: Uint8Array): Submission {
    this.#requireRunning()
    if (this.#stopping !== undefined) throw this.#notRunning()
    let submission: Submission | undefined
    this.#enter((engine, nowMs) => {
      const { key, status } = engine.submit(nowMs, content)
      submission = { digest: digestOfKey(key), status }
    })
    this.#reports.submitted(submission!)
    return submission!
  }

  status(digest: Digest): UpdateStatus {
    const key = keyOfDigest(digest)
    if (key === undefined) return 'unknown'
    return this.#requireRunning().engine.status(this.#config.clock.now(), key)
  }

  peers(): readonly Peer[] {
    return this.#requireRunning().engine.peers()
  }

  stats(): GossipStats {
    const gauges = this.#requireRunning().engine.gauges(this.#config.clock.now())
    return {
      ...gauges,
      waitingUpdates: this.#inbox.size,
      waitingBytes: this.#inbox.bytes + this.#validation.bytes,
      sendingMessages: this.#outbox.messages,
      sendingBytes: this.#outbox.bytes,
      ...this.#persistence.stats(),
      ...this.#reports.counts()
    }
  }

  stop({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(graceMs)
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #stop(graceMs: number): Promise<void> {
    this.#reports.ignoreOutages()
    if (graceMs > 0 && !this.#mayStop()) {
      // Updates submitted in this turn are sent first.
      await Promise.resolve()
      this.#enter((engine, nowMs) => engine.leave(nowMs))
      await this.#grace.wait(graceMs, () => this.#mayStop())
    }
    const unacknowledged =
      this.#phase === 'running'
        ? this.#running!.engine.unacknowledgedKeys(this.#config.clock.now())
        : []
    const started = this.#phase !== 'new'
    this.#phase = 'stopped'
    this.#alarm.stop()
    this.#running?.finder.stop()
    this.#outbox.stop()
    const waiting = this.#inbox.stop()
    this.#validation.stop()
    this.#readiness.end(this.#notRunning())
    this.#starting.end(this.#notRunning())
    if (!started) return
    try {
      await this.#config.transport.stop()
    } finally {
      await this.#persistence.stop(this.#running?.engine)
      const count = waiting.filter(({ key }) => !this.#persistence.keeps(key)).length
      const { length } = unacknowledged
      this.#reports.dropped({ reason: 'unacknowledged', count: length, keys: unacknowledged })
      this.#reports.dropped({ reason: 'not-running', count })
    }
  }

  /** Returns whether a stop need not wait: peers have acknowledged each update submitted here, or there never was a contact. */
  #mayStop(): boolean {
    if (this.#phase !== 'running') return true
    const { engine, finder } = this.#running!
    const count = engine.unacknowledged(this.#config.clock.now())
    return count === 0 || (engine.isAlone && !finder.isQuerying)
  }

  #run(address: Address, hash: HashFunction): void {
    this.#running = createRunning(this.#config, address, hash, this.#persistence, {
      observe: (event) => this.#reports.report(event),
      failed: (error, peer) => this.#reports.failed(error, peer),
      freeSlots: () => this.#inbox.freeSlots(this.#validation.bytes),
      found: (addresses) => this.#join(addresses, addresses)
    })
    this.#phase = 'running'
    this.#join(this.#persistence.peers, [])
  }

  #join(contacts: readonly Address[], named: readonly Address[]): void {
    this.#enter((engine, nowMs) => engine.join(nowMs, contacts, named))
  }

  /**
   * The one entry of the engine: calls it, performs the effects, and sets the alarm; also ends the grace wait when nothing is
   * left to wait for. What `call` throws is thrown, with nothing changed.
   */
  #enter(call: (engine: Engine, nowMs: number) => readonly Effect[] | void): void {
    if (this.#phase !== 'running') return
    const { engine, finder } = this.#running!
    const nowMs = this.#config.clock.now()
    const effects = call(engine, nowMs)
    this.#persistence.keep(engine)
    for (const effect of effects ?? []) this.#perform(effect)
    const { viewSize } = engine
    finder.setViewSize(viewSize)
    finder.tick(nowMs, viewSize)
    this.#alarm.set(Math.min(engine.deadlineMs, finder.dueMs), nowMs)
    this.#grace.check()
  }

  #tick(): void {
    this.#enter((engine, nowMs) => engine.tick(nowMs))
    if (this.#phase === 'running')
      this.#watched.set(this.#running!.engine.neighbors(this.#config.clock.now()))
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(effect)
      case 'deliver':
        return this.#inbox.push(effect.update)
      case 'validate':
        return this.#validation.push(effect)
      case 'dropped':
        return this.#reports.dropped(effect)
      case 'violation':
        this.#reports.report(effect)
        return this.#dismissals.violation(effect)
      case 'unanswered':
        return this.#reports.unanswered(effect.peer)
    }
  }

  /** Sends a message, unless its receiver was banned or lost its authorization meanwhile. */
  #send(send: Send): void {
    const instead = this.#running!.engine.reputation.withheld(this.#config.clock.now(), send)
    if (instead === undefined) this.#outbox.send(send)
    else for (const effect of instead) this.#perform(effect)
  }

  #receive(from: Address, bytes: Uint8Array, connection?: string): void {
    if (this.#phase !== 'running')
      return this.#reports.report({ kind: 'dropped', reason: 'not-running', count: 1, peer: from })
    const reason = this.#running!.engine.reputation.dropReason(this.#config.clock.now(), from)
    if (reason !== undefined) {
      this.#enter((engine, nowMs) => engine.reputation.turnedAway(nowMs, from, reason))
      return this.#dismissals.turnedAway(from, reason, connection)
    }
    const size = bytes.length
    const message = decodeBy(this.#config.codec, bytes)
    if (message instanceof Error) {
      if (message.code === 'UNKNOWN_MESSAGE') return this.#reports.unknownMessage(from)
      this.#reports.report({ kind: 'malformed', from, error: message })
      return this.#enter((engine, nowMs) => engine.reputation.malformed(nowMs, from, connection))
    }
    this.#reports.report({ kind: 'received', from, message: message.kind, bytes: size })
    this.#readiness.reached()
    this.#reports.received(from)
    this.#enter((engine, nowMs) => engine.read(nowMs, from, message, connection))
  }

  #sent(send: Send, bytes: number): void {
    this.#reports.report({ kind: 'sent', to: send.to, message: send.message.kind, bytes })
    this.#reports.sent(send.to)
    for (const key of send.serves ?? [])
      this.#reports.report({ kind: 'served', to: send.to, digest: digestOfKey(key) })
    this.#enter((engine, nowMs) => engine.sent(nowMs, send))
  }

  #sendFailed(send: Send, error: GossipError, unreachable: boolean): void {
    if (error.code === 'OVERLOADED')
      this.#reports.report({ kind: 'dropped', reason: 'send-queue-full', count: 1, peer: send.to })
    else if (unreachable) this.#reports.unreachable(send.to, error)
    else this.#reports.failed(error, send.to)
    this.#enter((engine, nowMs) => engine.sendFailed(nowMs, send, unreachable))
  }

  #lost(peer: Address, error: unknown): void {
    if (this.#phase !== 'running') return
    this.#reports.unreachable(peer, toGossipError(error, 'UNREACHABLE', 'the connection was lost'))
    this.#enter((engine, nowMs) => engine.lost(nowMs, peer))
  }

  #requireRunning(): Running {
    if (this.#phase !== 'running') throw this.#notRunning()
    return this.#running!
  }

  #notRunning(): GossipError {
    return new GossipError(
      'NOT_RUNNING',
      this.#phase === 'stopped' || this.#stopping !== undefined
        ? 'this node has stopped'
        : 'await start() first'
    )
  }
}
