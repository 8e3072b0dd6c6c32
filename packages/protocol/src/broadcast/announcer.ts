/** Announce at once, pull once: tells neighbours of new updates, in one batch per turn, but not those who told us. */
import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import { countDigests, digestKey, packDigests, type DigestBlock, type DigestKey } from '../update.ts'
import type { BroadcastConfig } from './config.ts'
import { Neighbours } from './neighbours.ts'

/** Of how many updates that we do not have yet is remembered who has them; what is forgotten is told once too often. */
const MAX_TOLD = 4096

/** How soon more neighbours are looked for, while there are too few in a view that stays as large as it is. */
const LOOKING_MS = 500

interface News {
  readonly digestBytes: Uint8Array
  /** Who has it already. */
  readonly known: ReadonlySet<Address>
}

export class Announcer {
  readonly #config: BroadcastConfig
  readonly #maxDigests: number
  readonly #neighbours: Neighbours
  readonly #told = new Map<DigestKey, Set<Address>>()
  #news: News[] = []
  #newsAtMs = Infinity
  #greetAtMs: number
  /** When neighbours are looked for again, if the view has not changed its size before. */
  #lookAtMs = -Infinity
  #lookedAmong = 0

  /** `maxDigests` is the most that one message may hold. */
  constructor(config: BroadcastConfig, maxDigests: number, rng: Rng, nowMs: number) {
    this.#config = config
    this.#maxDigests = maxDigests
    this.#neighbours = new Neighbours(config.degree, config.greetingMs, rng)
    this.#greetAtMs = config.mode === 'off' ? Infinity : nowMs + rng.fraction() * config.greetingMs
  }

  /** When `tick` has something to do; at once when there is news. */
  get dueMs(): number {
    return Math.min(this.#newsAtMs, this.#greetAtMs)
  }

  /** How many neighbours there are. */
  neighbours(nowMs: number): number {
    return this.#neighbours.all(nowMs).length
  }

  /** `from` has told of these, and so is a neighbour. */
  heard(nowMs: number, from: Address, digests: DigestBlock): void {
    if (this.#config.mode === 'off') return
    this.#neighbours.greeted(from, nowMs)
    for (let index = 0; index < countDigests(digests); index++) {
      const key = digestKey(digests, index)
      const tellers = this.#told.get(key)
      if (tellers !== undefined) tellers.add(from)
      else this.#told.set(key, new Set([from]))
      if (this.#told.size > MAX_TOLD) this.#told.delete(this.#told.keys().next().value!)
    }
  }

  /** An update is new here: our own, or brought by `from`. */
  accepted(nowMs: number, digestBytes: Uint8Array, from: Address | undefined): void {
    if (this.#config.mode === 'off') return
    const key = digestKey(digestBytes, 0)
    const known = this.#told.get(key) ?? new Set<Address>()
    this.#told.delete(key)
    if (from !== undefined) known.add(from)
    this.#news.push({ digestBytes, known })
    this.#newsAtMs = Math.min(this.#newsAtMs, nowMs)
  }

  /** Chooses neighbours, when there are too few. `known` is how many peers `chooseTargets` can choose from. */
  look(nowMs: number, known: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    const isOff = this.#config.mode === 'off' || this.#neighbours.wanted(known) <= 0
    if (isOff || (known === this.#lookedAmong && nowMs < this.#lookAtMs)) return []
    this.#lookAtMs = nowMs + LOOKING_MS
    this.#lookedAmong = known
    return this.#neighbours.choose(chooseTargets(this.#config.degree)).map((peer) => announcement(peer, []))
  }

  /** News, greetings and a {@link look}, each when due. */
  tick(nowMs: number, known: number, chooseTargets: (count: number) => readonly Address[]): Send[] {
    const sends: Send[] = []
    if (nowMs >= this.#greetAtMs) {
      this.#greetAtMs = nowMs + this.#config.greetingMs
      this.#neighbours.release()
      for (const peer of this.#neighbours.chosen) sends.push(announcement(peer, []))
    }
    sends.push(...this.look(nowMs, known, chooseTargets))
    if (nowMs >= this.#newsAtMs) sends.push(...this.#tell(nowMs))
    return sends
  }

  /** `peer` cannot be reached, or is not to be spoken to. */
  forget(peer: Address): void {
    this.#neighbours.forget(peer)
  }

  #tell(nowMs: number): Send[] {
    const news = this.#news
    this.#news = []
    this.#newsAtMs = Infinity
    return this.#neighbours.all(nowMs).flatMap((peer) => {
      const unknown = news.filter(({ known }) => !known.has(peer)).map(({ digestBytes }) => digestBytes)
      const sends: Send[] = []
      for (let at = 0; at < unknown.length; at += this.#maxDigests) {
        sends.push(announcement(peer, unknown.slice(at, at + this.#maxDigests)))
      }
      return sends
    })
  }
}

function announcement(to: Address, digests: readonly Uint8Array[]): Send {
  return { kind: 'send', to, message: { kind: 'announcement', digests: packDigests(digests) } }
}
