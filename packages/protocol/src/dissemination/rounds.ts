/**
 * Rounds: now and then, tell others what is active here and learn what is active there; by lists of digests, or by
 * sketches when there is much to name.
 */
import type { DifferenceRequest, Send, SketchRequest, SketchResponse } from '../message.ts'
import type { Address } from '../peer.ts'
import { jittered, type Rng } from '../random.ts'
import { packKeys } from '../update.ts'
import type { DigestBlock, DigestFunction, DigestKey } from '../update.ts'
import { ActiveSketch } from './active-sketch.ts'
import type { DisseminationConfig } from './config.ts'
import { SketchExchange } from './sketch-exchange.ts'
import type { UpdateStore } from './update-store.ts'

/** No request has one of these numbers: what no request has named, and what nothing is left out for. */
export const NO_REQUEST = 0
const NOTHING = -1

const NO_DIGESTS: DigestBlock = new Uint8Array(0)

/** What a peer was asked for. */
interface Asked {
  /** Until when its answer counts. */
  readonly untilMs: number
  /** The digests that a difference request has named. */
  readonly told: DigestBlock | undefined
}

export class Rounds {
  readonly #config: DisseminationConfig
  readonly #store: UpdateStore
  readonly #rng: Rng
  readonly #sketches: SketchExchange
  /** Peers that were asked for digests. */
  readonly #asked = new Map<Address, Asked>()
  #dueMs: number

  constructor(
    config: DisseminationConfig,
    store: UpdateStore,
    digest: DigestFunction,
    label: string,
    rng: Rng,
    nowMs: number
  ) {
    this.#config = config
    this.#store = store
    this.#rng = rng
    this.#sketches = new SketchExchange(
      config,
      store,
      new ActiveSketch(store, digest, label, config.shortIdBytes),
      rng
    )
    this.#dueMs = nowMs + rng.fraction() * config.periodMs
  }

  get dueMs(): number {
    return this.#dueMs
  }

  /** A round, when due, to targets that `chooseTargets` picks. */
  tick(nowMs: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    if (nowMs < this.#dueMs) return []
    this.#dueMs = nowMs + jittered(this.#config.periodMs, this.#config.jitter, this.#rng)
    for (const [peer, { untilMs }] of this.#asked) if (untilMs <= nowMs) this.#asked.delete(peer)
    if (!this.#config.pull && (!this.#config.push || this.#store.activeUpdates === 0)) return []
    let list: DigestBlock | undefined
    return chooseTargets(this.#config.fanout).flatMap((to): Send[] => {
      const message = this.#sketches.open(to, nowMs)
      if (message === 'nothing') return []
      if (message !== 'list') return [{ kind: 'send', to, message }]
      list ??= this.#config.push ? this.offer(NOTHING) : NO_DIGESTS
      return [this.#tellAll(nowMs, to, list)]
    })
  }

  /** Active digests, without those that request number `except` named; the newest and a random stretch when too many. */
  offer(except: number): DigestBlock {
    const keys: DigestKey[] = []
    for (const stored of this.#store.active()) if (stored.namedIn !== except) keys.push(stored.key)
    const most = this.#config.maxDigestsPerMessage
    if (keys.length <= most) return packKeys(keys)
    const older = keys.splice(0, keys.length - Math.ceil(most / 2))
    const start = this.#rng.below(older.length)
    const stretch = [...older.slice(start), ...older.slice(0, start)].slice(0, most - keys.length)
    return packKeys([...stretch, ...keys])
  }

  /** Whether `from` was asked for the digests with which it answers. */
  answered(from: Address, digests: DigestBlock): boolean {
    const asked = this.#asked.get(from)
    if (asked?.told !== undefined) this.#sketches.named(from, digests, asked.told)
    return this.#asked.delete(from)
  }

  answerSketch(to: Address, request: SketchRequest): Send[] {
    return this.#config.pull ? [{ kind: 'send', to, message: this.#sketches.answer(request) }] : []
  }

  /** The digests that a difference request asks for. */
  answerDifference(to: Address, request: DifferenceRequest): Send[] {
    const digests = this.#config.pull ? this.#sketches.names(request) : NO_DIGESTS
    // What is asked for and not there has just expired; the next round does without.
    return digests.length === 0
      ? []
      : [{ kind: 'send', to, message: { kind: 'digest-response', digests } }]
  }

  /** What follows the cells of `from`, of which `room` contents more may be asked; `undefined` when nobody asked for them. */
  compare(
    nowMs: number,
    from: Address,
    response: SketchResponse,
    room: number
  ): Send[] | undefined {
    const message = this.#sketches.compare(nowMs, from, response, room)
    if (message === 'unasked') return undefined
    if (message === 'nothing') return []
    if (message === 'list') return [this.#tellAll(nowMs, from, this.offer(NOTHING))]
    if (message.kind === 'difference-request') this.#expect(nowMs, from, message.digests)
    return [{ kind: 'send', to: from, message }]
  }

  sendFailed(to: Address): void {
    this.#asked.delete(to)
    this.#sketches.sendFailed(to)
  }

  #tellAll(nowMs: number, to: Address, digests: DigestBlock): Send {
    if (this.#config.pull) this.#expect(nowMs, to, undefined)
    return { kind: 'send', to, message: { kind: 'digest-request', digests } }
  }

  #expect(nowMs: number, peer: Address, told: DigestBlock | undefined): void {
    this.#asked.set(peer, { untilMs: nowMs + this.#config.requestTimeoutMs, told })
  }
}
