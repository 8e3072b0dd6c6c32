/**
 * Rounds whose price does not grow with what is known: fingerprints, then cells until they tell the difference (rateless
 * IBLT, Yang et al. 2024), then names for what one of the two lacks.
 *
 * Whoever opens an exchange compares and remembers; whoever answers does neither. So a stranger can make a node hand out
 * cells, and compare no oftener than it asks. What sketches cannot tell, lists do.
 */
import { MAX_CELLS, SKETCH_OVERHEAD_DIGESTS } from '../message.ts'
import type { DifferenceRequest, SketchRequest, SketchResponse } from '../message.ts'
import type { Address } from '../peer.ts'
import { shuffle, type Rng } from '../random.ts'
import { cellBytes } from '../reconciliation/cells.ts'
import { difference } from '../reconciliation/difference.ts'
import type { ShortIdKey } from '../reconciliation/short-id.ts'
import { countCells } from '../reconciliation/sketch.ts'
import {
  countDigests,
  DIGEST_BYTES,
  digestKey,
  packKeys,
  type DigestBlock,
  type DigestKey
} from '../update.ts'
import type { ActiveSketch } from './active-sketch.ts'
import type { DisseminationConfig } from './config.ts'
import { KnownDifferences } from './known-differences.ts'
import { RoundTrip } from './round-trip.ts'
import type { UpdateStore } from './update-store.ts'

/** Beyond, a list costs less than the cells and the turns it takes to find out. */
const MAX_DIFFERENCES = 2000

/** So few cells are worth no exchange. */
const LEAST_CELLS = 6

/** What an exchange of equal sets costs, both ways: a list that costs less, or less than the first cells, is sent instead. */
const EQUAL_BYTES = 48

/** A peer that did not answer so often in a row gets a list. */
const MAX_UNANSWERED = 3

/** One whose cells told nothing gets one list more, then two, four, and at most so many before the next attempt. */
const MOST_LISTS = 16

/** So many requests, and it is a list. To begin again, because the set there has changed meanwhile, counts as several. */
const MAX_TURNS = 24
const TURNS_OF_RESTART = 8

const NO_CELLS: Uint8Array = new Uint8Array(0)

/** How many exchanges are remembered, and of how many peers that they did not work out. */
const MAX_OPEN = 64
const MAX_PEERS = 256

/** An exchange that this node has opened. */
interface Exchange {
  readonly askedAtMs: number
  readonly first: number
  readonly wanted: number
  /** The fingerprint that we sent. */
  readonly ours: Uint8Array
  /** Cells so far, all of one fingerprint. */
  readonly cells: Uint8Array
  readonly theirs: Uint8Array | undefined
  readonly turns: number
}

/** A peer with which exchanges did not work out. */
interface Trouble {
  readonly unanswered: number
  /** How often in a row its cells told nothing. */
  readonly failures: number
  /** How many rounds with it go by list. */
  lists: number
}

const NO_TROUBLE: Readonly<Trouble> = { unanswered: 0, failures: 0, lists: 0 }

/** What follows an answer: the next request, `list` for a list, or nothing, as all is known. */
export type NextStep = SketchRequest | DifferenceRequest | 'list' | 'nothing' | 'unasked'

export class SketchExchange {
  readonly #config: DisseminationConfig
  readonly #store: UpdateStore
  readonly #sketch: ActiveSketch
  readonly #rng: Rng
  readonly #known = new KnownDifferences()
  readonly #open = new Map<Address, Exchange>()
  readonly #troubles = new Map<Address, Trouble>()
  readonly #roundTrip: RoundTrip
  readonly #maxCells: number
  /** Who was last told by a list, as the counts were so far apart. */
  #lastTold: Address | undefined
  /** What exchanges differed in, with whomever: the last one that did at all, and all of late. */
  #whenDifferent = 4
  #usually = 4

  constructor(config: DisseminationConfig, store: UpdateStore, sketch: ActiveSketch, rng: Rng) {
    this.#config = config
    this.#store = store
    this.#sketch = sketch
    this.#rng = rng
    this.#roundTrip = new RoundTrip(config.requestTimeoutMs)
    const fittingBytes = (config.maxDigestsPerMessage - SKETCH_OVERHEAD_DIGESTS) * DIGEST_BYTES
    this.#maxCells = Math.min(MAX_CELLS, Math.floor(fittingBytes / cellBytes(sketch.ids)))
  }

  /** Opens an exchange with `to`, unless a `list` does better, or one is under way and the `nothing` is to wait for it. */
  open(to: Address, nowMs: number): SketchRequest | 'list' | 'nothing' {
    if (!this.#isWorthIt()) {
      this.#usually /= 2
      return 'list'
    }
    const before = this.#open.get(to)
    if (before !== undefined) {
      if (nowMs < before.askedAtMs + this.#roundTrip.timeoutMs) return 'nothing'
      this.#lapse(to)
    }
    if (this.#isInTrouble(to)) return 'list'
    return this.#ask(to, nowMs, {
      first: 0,
      wanted: cellsFor(this.#whenDifferent),
      cells: NO_CELLS,
      theirs: undefined,
      turns: 0
    })
  }

  /** What to answer; to be sent whatever our own mode is. */
  answer({ fingerprint, first, wanted }: SketchRequest): SketchResponse {
    const ours = this.#sketch.fingerprint()
    const cells = equalBytes(ours, fingerprint)
      ? NO_CELLS
      : this.#sketch.write(first, Math.min(wanted, Math.max(0, this.#maxCells)))
    return { kind: 'sketch-response', fingerprint: ours, count: this.#sketch.count, first, cells }
  }

  /** `from` has sent cells; `room` is how many contents more may be asked of it. */
  compare(nowMs: number, from: Address, response: SketchResponse, room: number): NextStep {
    const exchange = this.#open.get(from)
    const isLate =
      exchange === undefined || nowMs >= exchange.askedAtMs + this.#config.requestTimeoutMs
    if (isLate || response.first !== exchange.first) return 'unasked'
    this.#open.delete(from)
    this.#roundTrip.answered(nowMs - exchange.askedAtMs)
    if (response.cells.length === 0) {
      if (!equalBytes(response.fingerprint, exchange.ours)) return this.#giveUp(from)
      this.#usually /= 2
      this.#troubles.delete(from)
      return 'nothing'
    }
    const count = countCells(response.cells, this.#sketch.ids)
    // Ids of another length, or more than was asked for: not what we speak.
    if (count === undefined || count > exchange.wanted) return this.#giveUp(from)
    return this.#considerCells(nowMs, from, exchange, response, room)
  }

  /**
   * The digests for what a {@link DifferenceRequest} asks: those behind its ids, and of those that it names the ones that
   * expired here, so that it need not name them again.
   */
  names({ digests, ids: block }: DifferenceRequest): DigestBlock {
    const { ids } = this.#sketch
    const most = this.#config.maxDigestsPerMessage
    const named: DigestKey[] = []
    for (let at = 0; at + ids.bytes <= block.length && named.length < most; at += ids.bytes) {
      ids.read(block, at)
      const stored = this.#sketch.find(ids.key)
      if (stored !== undefined) named.push(stored.key)
    }
    for (let index = 0; index < countDigests(digests) && named.length < most; index++) {
      const key = digestKey(digests, index)
      if (this.#store.status(key) === 'expired') named.push(key)
    }
    return packKeys(named)
  }

  /** `from` has named `digests` when it was told of `told`: what was told expired there, what expired here is active there. */
  named(from: Address, digests: DigestBlock, told: DigestBlock): void {
    const toldKeys = new Set(
      Array.from({ length: countDigests(told) }, (_, index) => digestKey(told, index))
    )
    for (let index = 0; index < countDigests(digests); index++) {
      const key = digestKey(digests, index)
      if (!toldKeys.has(key) && this.#store.status(key) !== 'expired') continue
      this.#sketch.ids.ofDigest(digests, index * DIGEST_BYTES)
      this.#known.add(from, this.#sketch.ids.key)
    }
  }

  sendFailed(to: Address): void {
    this.#open.delete(to)
  }

  #considerCells(
    nowMs: number,
    from: Address,
    exchange: Exchange,
    response: SketchResponse,
    room: number
  ): NextStep {
    const known = exchange.first + response.cells.length / cellBytes(this.#sketch.ids)
    const apart = Math.abs(response.count - this.#sketch.countWith(this.#known.of(from)))
    // Cells for so many, and then their digests, against the digests of all: a newcomer, or a list no longer than that.
    const apartBytes = cellsFor(apart) * cellBytes(this.#sketch.ids) + apart * DIGEST_BYTES
    // Every other time only: of what has expired at one of us, lists do not learn.
    const isCheaper =
      exchange.turns === 0 &&
      apartBytes > this.#sketch.count * DIGEST_BYTES &&
      this.#lastTold !== from
    if (exchange.turns === 0) this.#lastTold = isCheaper ? from : undefined
    if (apart > MAX_DIFFERENCES || isCheaper) return 'list'
    const theirs = response.fingerprint
    if (exchange.theirs !== undefined && !equalBytes(exchange.theirs, theirs)) {
      const turns = exchange.turns + TURNS_OF_RESTART
      return this.#ask(from, nowMs, {
        first: 0,
        wanted: known,
        cells: NO_CELLS,
        theirs: undefined,
        turns
      })
    }
    const cells = joined(exchange.cells, response.cells)
    const found = difference(
      this.#sketch.cells(known, this.#known.of(from)),
      cells,
      this.#sketch.ids
    )
    if (found !== undefined) return this.#conclude(from, found, theirs, room)
    if (known >= MAX_CELLS) return this.#giveUp(from)
    // Mostly the first ones nearly did.
    const more = Math.max(
      LEAST_CELLS,
      known >> (exchange.turns === 0 ? 2 : 1),
      cellsFor(apart) - known
    )
    const wanted = Math.min(more, MAX_CELLS - known)
    return this.#ask(from, nowMs, {
      first: known,
      wanted,
      cells,
      theirs,
      turns: exchange.turns + 1
    })
  }

  #isWorthIt(): boolean {
    const { reconciliation, push, pull, expiration } = this.#config
    // Without both ways there is no difference to tell; and what counts pushes must see them.
    if (reconciliation === 'list' || !push || !pull || expiration.mode === 'pushCount') return false
    const firstBytes = cellBytes(this.#sketch.ids) * cellsFor(this.#usually)
    return (
      this.#maxCells >= LEAST_CELLS && this.#sketch.count * DIGEST_BYTES > EQUAL_BYTES + firstBytes
    )
  }

  #isInTrouble(to: Address): boolean {
    const trouble = this.#troubles.get(to)
    if (trouble === undefined || trouble.lists === 0) return false
    trouble.lists--
    return true
  }

  #lapse(to: Address): void {
    this.#open.delete(to)
    this.#roundTrip.lapsed()
    const { unanswered, failures } = this.#troubles.get(to) ?? NO_TROUBLE
    const isPatient = unanswered + 1 < MAX_UNANSWERED
    this.#remember(to, {
      unanswered: isPatient ? unanswered + 1 : 0,
      failures,
      lists: isPatient ? 0 : 1
    })
  }

  #giveUp(peer: Address): 'list' {
    const failures = 1 + (this.#troubles.get(peer) ?? NO_TROUBLE).failures
    this.#remember(peer, {
      unanswered: 0,
      failures,
      lists: Math.min(MOST_LISTS, 2 ** (failures - 1))
    })
    return 'list'
  }

  #remember(peer: Address, trouble: Trouble): void {
    this.#troubles.delete(peer)
    this.#troubles.set(peer, trouble)
    if (this.#troubles.size > MAX_PEERS) this.#troubles.delete(this.#troubles.keys().next().value!)
  }

  #ask(
    to: Address,
    nowMs: number,
    exchange: Omit<Exchange, 'askedAtMs' | 'ours'>
  ): SketchRequest | 'list' {
    if (exchange.turns > MAX_TURNS) return this.#giveUp(to)
    const fingerprint = this.#sketch.fingerprint(this.#known.of(to))
    const wanted = Math.min(exchange.wanted, this.#maxCells)
    this.#open.set(to, { ...exchange, wanted, askedAtMs: nowMs, ours: fingerprint })
    if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value!)
    return { kind: 'sketch-request', fingerprint, first: exchange.first, wanted }
  }

  #conclude(from: Address, found: Uint8Array, theirs: Uint8Array, room: number): NextStep {
    const { ids } = this.#sketch
    const lacked: DigestKey[] = []
    const lacking: ShortIdKey[] = []
    const differences = found.length / ids.bytes
    this.#usually = (this.#usually + differences) / 2
    this.#whenDifferent = differences
    for (let at = 0; at < found.length; at += ids.bytes) {
      ids.read(found, at)
      const { key } = ids
      if (this.#known.delete(from, key)) continue
      const stored = this.#sketch.find(key)
      if (stored === undefined) lacking.push(key)
      else if (this.#store.get(stored.key) === stored) lacked.push(stored.key)
      else this.#known.add(from, key)
    }
    if (found.length === 0 && !equalBytes(theirs, this.#sketch.fingerprint(this.#known.of(from))))
      return this.#giveUp(from)
    this.#troubles.delete(from)
    if (lacked.length + lacking.length === 0) return 'nothing'
    return this.#differenceRequest(lacked, lacking, room)
  }

  /** As many as can be asked for at once; others, by chance, in the next rounds. */
  #differenceRequest(
    lacked: DigestKey[],
    lacking: ShortIdKey[],
    room: number
  ): DifferenceRequest | 'nothing' {
    const { ids } = this.#sketch
    const half = Math.max(1, (this.#config.maxDigestsPerMessage - SKETCH_OVERHEAD_DIGESTS) >> 1)
    shuffle(lacked, this.#rng)
    shuffle(lacking, this.#rng)
    const wanted = lacking.slice(0, Math.min(room, half))
    const block = new Uint8Array(wanted.length * ids.bytes)
    wanted.forEach((key, index) => {
      ids.ofKey(key)
      ids.write(block, index * ids.bytes)
    })
    const named = lacked.slice(0, Math.min(this.#config.maxRequestsPerPeer, half))
    if (named.length + wanted.length === 0) return 'nothing'
    return { kind: 'difference-request', digests: packKeys(named), ids: block }
  }
}

/** So many cells tell so many differences in nine of ten tries; see `benchmarks/src/reconciliation.ts`. */
function cellsFor(differences: number): number {
  return Math.max(LEAST_CELLS, Math.ceil(1.35 * differences + 2 * Math.sqrt(differences) + 2))
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length)
  bytes.set(one)
  bytes.set(other, one.length)
  return bytes
}

function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
