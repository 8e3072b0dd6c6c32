/** The service: turns what the ports say into inputs of the engine, and its effects into what the ports do. */
import type { Effect } from '../engine/effect.ts'
import { Engine } from '../engine/engine.ts'
import { GossipError, toGossipError } from '../errors.ts'
import type { Message, Send } from '../message.ts'
import { isAddress, type Address, type Peer } from '../peer.ts'
import type { GossipEvent } from '../ports/observer.ts'
import {
  digestFromHex,
  type Digest,
  type DigestFunction,
  type Submission,
  type UpdateStatus
} from '../update.ts'
import { authorization } from './authorization.ts'
import { Counters } from './counters.ts'
import { fastDigest } from './fast-digest.ts'
import type { GossipService, GossipStats } from './gossip-service.ts'
import { Inbox } from './inbox.ts'
import type { GossipConfig } from './options.ts'
import { Outbox } from './outbox.ts'
import { PeerFinder } from './peer-finder.ts'
import { Persistence } from './persistence.ts'
import { Readiness } from './readiness.ts'
import { GRACE_MS, Unserved } from './unserved.ts'
import { Validation } from './validation.ts'

/** What there is while the node runs. */
interface Running {
  readonly address: Address
  readonly engine: Engine
  readonly finder: PeerFinder
}

export class GossipNode implements GossipService {
  readonly #config: GossipConfig
  readonly #counters = new Counters()
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #validation: Validation | undefined
  readonly #persistence: Persistence
  #phase: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  #running: Running | undefined
  #stopping: Promise<void> | undefined
  #cancelAlarm: () => void = () => {}
  #alarmAtMs = Infinity
  readonly #readiness = new Readiness()
  readonly #unserved: Unserved

  constructor(config: GossipConfig) {
    this.#config = config
    // What an archive has is not lost.
    const limit = config.archive === undefined ? config.dissemination.maxActiveUpdates : 0
    this.#unserved = new Unserved(
      limit,
      config.clock,
      (digest) => this.#phase === 'running' && this.status(digest) === 'active'
    )
    this.#persistence = new Persistence(config, (error) => this.#failed(error))
    this.#inbox = new Inbox(
      config,
      (event) => this.#observe(event),
      (digest) => this.#persistence.handled(digest)
    )
    if (config.validate !== undefined) {
      this.#validation = new Validation(config.validate, config.validation, config.clock, {
        judged: (digest, verdict) =>
          this.#enter((engine, nowMs) => engine.validated(nowMs, digestFromHex(digest)!, verdict)),
        failed: (error, peer) => this.#failed(error, peer)
      })
    }
    this.#outbox = new Outbox(config.transport, config.codec, config.sending, {
      sent: (send, bytes) => this.#sent(send, bytes),
      sendFailed: (send, error, unreachable) => this.#sendFailed(send, error, unreachable)
    })
  }

  get address(): Address {
    return this.#requireRunning().address
  }

  async start(): Promise<Address> {
    if (this.#phase !== 'new') {
      throw new GossipError(
        'ALREADY_STARTED',
        'a gossip service starts once; make another with createGossip and a new transport'
      )
    }
    this.#phase = 'starting'
    try {
      const digest = this.#config.digest ?? (await fastDigest())
      const unhandled = await this.#persistence.load(digest)
      if (this.#phase !== 'starting') throw this.#notRunning()
      const address = await this.#config.transport.start(
        {
          receive: (from, bytes) => this.#receive(from, bytes),
          fail: (error) =>
            this.#failed(toGossipError(error, 'TRANSPORT_FAILED', 'the transport reports'))
        },
        { protocol: this.#config.protocol }
      )
      if (this.#phase !== 'starting') throw this.#notRunning()
      if (!isAddress(address))
        throw new GossipError('TRANSPORT_FAILED', 'transport.start gave no address')
      this.#run(address, digest)
      for (const update of unhandled) this.#inbox.push(update)
      return address
    } catch (error) {
      await this.stop()
      throw toGossipError(error, 'TRANSPORT_FAILED', 'the transport did not start')
    }
  }

  ready({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#phase === 'stopped'
      ? Promise.reject(this.#notRunning())
      : this.#readiness.wait(signal)
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
    const { engine } = this.#requireRunning()
    if (this.#stopping !== undefined) throw this.#notRunning()
    const nowMs = this.#config.clock.now()
    const submission = engine.submit(nowMs, content)
    this.#persistence.keep(engine, submission.digest)
    if (submission.status === 'accepted') {
      this.#counters.submitted++
      this.#unserved.submitted(submission.digest)
    }
    this.#setAlarm(engine.deadlineMs, nowMs)
    return submission
  }

  status(digest: Digest): UpdateStatus {
    const digestBytes = digestFromHex(digest)
    if (digestBytes === undefined) return 'unknown'
    return this.#requireRunning().engine.status(this.#config.clock.now(), digestBytes)
  }

  peers(): readonly Peer[] {
    return this.#requireRunning().engine.peers()
  }

  stats(): GossipStats {
    const gauges = this.#requireRunning().engine.gauges(this.#config.clock.now())
    const { dropped, ...counters } = this.#counters
    return {
      ...gauges,
      waitingUpdates: this.#inbox.size,
      sendingMessages: this.#outbox.messages,
      sendingBytes: this.#outbox.bytes,
      ...this.#persistence.stats(),
      ...counters,
      dropped: { ...dropped }
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
    if (this.#unserved.count > 0 && this.#running!.engine.viewSize > 0)
      await this.#unserved.wait(graceMs)
    const unfetched = this.#unserved.count
    const started = this.#phase !== 'new'
    this.#phase = 'stopped'
    this.#cancelAlarm()
    this.#running?.finder.stop()
    this.#outbox.stop()
    const waiting = this.#inbox.stop()
    this.#validation?.stop()
    this.#readiness.end(this.#notRunning())
    if (!started) return
    try {
      await this.#config.transport.stop()
    } finally {
      await this.#persistence.stop(this.#running?.engine)
      const count = waiting.filter(({ digest }) => !this.#persistence.keeps(digest)).length
      if (unfetched > 0) this.#observe({ kind: 'dropped', reason: 'unfetched', count: unfetched })
      if (count > 0) this.#observe({ kind: 'dropped', reason: 'not-running', count })
    }
  }

  #run(address: Address, digest: DigestFunction): void {
    const {
      sampling,
      dissemination,
      broadcast,
      standing,
      authorize,
      rng,
      clock,
      peers,
      sourcing,
      protocol
    } = this.#config
    const engine = new Engine({
      self: address,
      label: protocol,
      sampling,
      dissemination,
      broadcast,
      standing,
      validates: this.#validation !== undefined,
      digest,
      rng,
      nowMs: clock.now(),
      journal: this.#persistence.journal,
      ...(authorize === undefined
        ? {}
        : { authorize: authorization(authorize, (error, peer) => this.#failed(error, peer)) })
    })
    const finder = new PeerFinder({
      source: peers,
      config: sourcing,
      sampling,
      clock,
      rng: rng.fork(),
      observe: (event) => this.#observe(event),
      self: address,
      found: (addresses) =>
        this.#enter(() =>
          engine.join(clock.now(), this.#persistence.contacts(addresses), addresses)
        )
    })
    this.#phase = 'running'
    this.#running = { address, engine, finder }
    this.#enter(() => engine.join(clock.now(), this.#persistence.contacts([]), []))
  }

  /** The one door to the engine: verb, effects, performed, alarm set again. */
  #enter(verb: (engine: Engine, nowMs: number) => readonly Effect[]): void {
    if (this.#phase !== 'running') return
    const { engine, finder } = this.#running!
    const nowMs = this.#config.clock.now()
    engine.room = this.#inbox.room
    const effects = verb(engine, nowMs)
    this.#persistence.keep(engine)
    for (const effect of effects) this.#perform(effect)
    const { viewSize } = engine
    finder.viewIs(viewSize)
    finder.tick(nowMs, viewSize)
    this.#setAlarm(Math.min(engine.deadlineMs, finder.dueMs), nowMs)
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        return this.#outbox.send(effect)
      case 'deliver':
        return this.#inbox.push(effect.update)
      case 'validate':
        return this.#validation!.push(effect)
      case 'drop':
        return this.#observe({ ...effect, kind: 'dropped' })
      case 'misbehaved':
        return this.#observe(effect)
    }
  }

  /**
   * One alarm per node. One that is set earlier stays: an early tick is harmless. What is due now waits for the end of
   * this turn only, so that all that comes in one turn goes out together; a timer would make it wait a millisecond.
   */
  #setAlarm(atMs: number, nowMs: number): void {
    if (this.#alarmAtMs <= atMs || this.#phase !== 'running') return
    this.#cancelAlarm()
    this.#alarmAtMs = atMs
    const wake = (): void => {
      this.#alarmAtMs = Infinity
      this.#enter((engine, wokenAtMs) => engine.tick(wokenAtMs))
    }
    if (atMs > nowMs) this.#cancelAlarm = this.#config.clock.wakeAt(atMs, wake)
    else void Promise.resolve().then(wake)
  }

  #receive(from: Address, bytes: Uint8Array): void {
    if (this.#phase !== 'running') {
      this.#observe({ kind: 'dropped', reason: 'not-running', count: 1, peer: from })
      return
    }
    const reason = this.#running!.engine.turnsAway(this.#config.clock.now(), from)
    if (reason !== undefined)
      return this.#observe({ kind: 'dropped', reason, count: 1, peer: from })
    const size = bytes.length
    let message: Message
    try {
      message = this.#config.codec.decode(bytes)
    } catch (error) {
      const why = toGossipError(
        error,
        'MALFORMED_MESSAGE',
        `${this.#config.codec.name} could not decode a message`
      )
      this.#observe({ kind: 'malformed', from, error: why })
      return this.#enter((engine, nowMs) => engine.malformed(nowMs, from))
    }
    this.#observe({ kind: 'received', from, message: message.kind, bytes: size })
    this.#readiness.reached()
    this.#enter((engine, nowMs) => engine.receive(nowMs, from, message))
  }

  #sent(send: Send, bytes: number): void {
    this.#observe({ kind: 'sent', to: send.to, message: send.message.kind, bytes })
    for (const digest of send.serves ?? []) this.#observe({ kind: 'served', to: send.to, digest })
    this.#unserved.served(send.serves ?? [])
    // Not by the one door: nothing follows from it that could not wait for the next step, and there are many of these.
    if (this.#phase === 'running') this.#running!.engine.sent(this.#config.clock.now(), send)
  }

  #sendFailed(send: Send, error: GossipError, unreachable: boolean): void {
    if (error.code === 'OVERLOADED')
      this.#observe({ kind: 'dropped', reason: 'peer-busy', count: 1, peer: send.to })
    else this.#failed(error, send.to)
    this.#enter((engine, nowMs) => engine.sendFailed(nowMs, send, unreachable))
  }

  #failed(error: GossipError, peer?: Address): void {
    this.#observe(peer === undefined ? { kind: 'failed', error } : { kind: 'failed', error, peer })
  }

  #observe(event: GossipEvent): void {
    this.#counters.count(event)
    try {
      this.#config.observe(event)
    } catch {
      // The window of the core is not a way in: an observer that throws has already been told all there is.
    }
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
