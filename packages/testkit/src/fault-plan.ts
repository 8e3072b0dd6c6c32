/** What goes wrong between the transports of a test: one plan for all of them, changed at will while they run. */

import { createRng, systemClock } from '@rumormill/protocol'
import type { Address, Clock, Rng, Transport } from '@rumormill/protocol'
import { CALM, checkFaults, type FaultConfig, type FaultCounts } from './fault-config.ts'
import { switchesOf, type SiteSwitch } from './fault-sites.ts'
import { FaultyTransport, type FaultSource } from './faulty-transport.ts'

export interface FaultPlanOptions extends Partial<FaultConfig> {
  /** What delays are measured by. Default: the system's. With a manual clock, every run is the same. */
  readonly clock?: Clock
  /** Decides everything. Default: a fixed seed. */
  readonly rng?: Rng
}

/** The faults of a whole group: one plan wraps the transports of all its nodes, so that a partition is one call. */
export interface FaultPlan {
  /** What holds now. */
  readonly config: FaultConfig
  readonly counts: FaultCounts
  /**
   * `transport`, which belongs to the result from now on, with the faults of this plan. What it sends may be lost, doubled,
   * damaged or late; partitions and cuts stop what it sends and what comes to it. So wrap every node of a group. `send`
   * settles as that of `transport` does, after the delay; that of a lost message resolves.
   */
  wrap(transport: Transport): Transport
  /** Changes what is named, from the next message on. Throws INVALID_CONFIG, and then changes nothing. */
  set(changes: Partial<FaultConfig>): void
  /** Only nodes of one group reach one another, those in no group nobody. Comes on top of earlier partitions and cuts. */
  partition(groups: readonly (readonly Address[])[]): void
  /** Nothing passes from one of `from` to one of `to`, not even what is on the way; the way back stays open. */
  cut(from: readonly Address[], to: readonly Address[]): void
  /** Ends all partitions and cuts. */
  heal(): void
  /** Ends every fault: a `heal`, and all as by default. What is held back still comes, in its time. */
  calm(): void
  /**
   * Whether the rare fault called `site` strikes now. For use in handlers, peer sources and clocks of a test as well:
   * `if (faults.buggify('slow disk')) await pause()`. The seed switches on about a quarter of all sites, whatever their
   * order; those strike with `buggifyRate`, the others never, so that each seed is a world with troubles of its own.
   */
  buggify(site: string): boolean
}

/** A plan by which nothing goes wrong but what the options say. Throws INVALID_CONFIG. */
export function faultPlan(options: FaultPlanOptions = {}): FaultPlan {
  return new Plan(options)
}

class Plan implements FaultPlan, FaultSource {
  config: FaultConfig = CALM
  readonly counts = {
    messages: 0,
    lost: 0,
    duplicated: 0,
    corrupted: 0,
    delayed: 0,
    reordered: 0,
    cut: 0,
    overloaded: 0,
    buggified: {} as Record<string, number>
  }
  readonly clock: Clock
  readonly rng: Rng
  readonly #cuts: ((from: Address, to: Address) => boolean)[] = []
  readonly #isSwitchedOn: SiteSwitch

  constructor({ clock = systemClock, rng = createRng(1), ...config }: FaultPlanOptions) {
    this.clock = clock
    this.rng = rng
    this.#isSwitchedOn = switchesOf(rng.below(2 ** 32))
    this.set(config)
  }

  wrap(transport: Transport): Transport {
    return new FaultyTransport(transport, this)
  }

  set(changes: Partial<FaultConfig>): void {
    checkFaults(changes)
    this.config = { ...this.config, ...changes }
  }

  partition(groups: readonly (readonly Address[])[]): void {
    const groupOf = new Map(
      groups.flatMap((group, index) => group.map((node) => [node, index] as const))
    )
    this.#cuts.push(
      (from, to) => groupOf.get(from) === undefined || groupOf.get(from) !== groupOf.get(to)
    )
  }

  cut(from: readonly Address[], to: readonly Address[]): void {
    const [senders, receivers] = [new Set(from), new Set(to)]
    this.#cuts.push((sender, receiver) => senders.has(sender) && receivers.has(receiver))
  }

  heal(): void {
    this.#cuts.length = 0
  }

  calm(): void {
    this.heal()
    this.config = CALM
  }

  isOpen(from: Address, to: Address): boolean {
    return this.#cuts.every((isCut) => !isCut(from, to))
  }

  buggify(site: string): boolean {
    const strikes =
      this.config.buggifyRate > 0 &&
      this.#isSwitchedOn(site) &&
      this.happens(this.config.buggifyRate)
    if (strikes) this.counts.buggified[site] = (this.counts.buggified[site] ?? 0) + 1
    return strikes
  }

  happens(rate: number): boolean {
    return rate > 0 && this.rng.fraction() < rate
  }

  nextDelayMs(): number {
    const { delayMs, reorderRate, reorderMs } = this.config
    const [least, most] = typeof delayMs === 'number' ? [delayMs, delayMs] : delayMs
    const usualMs = most > least ? least + this.rng.fraction() * (most - least) : least
    if (!this.happens(reorderRate)) return usualMs
    this.counts.reordered++
    return usualMs + this.rng.fraction() * reorderMs
  }
}
