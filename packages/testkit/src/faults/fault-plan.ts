/** Injects faults between the transports of a test: one plan for all of them, which can be changed while they run. */

import {
  createRng,
  systemClock,
  type Address,
  type Clock,
  type Rng,
  type Transport
} from '@rumormill/protocol/plugin'
import { CALM, checkFaults, type FaultConfig, type FaultCounts } from './fault-config.ts'
import { switchesOf, type SiteSwitch } from './fault-sites.ts'
import { FaultyTransport, type FaultSource } from './faulty-transport.ts'

export interface FaultPlanOptions extends Partial<FaultConfig> {
  /** The clock for delays. Default: the system clock. With a manual clock, every run is the same. */
  readonly clock?: Clock
  /** The rng for all random choices. Default: a fixed seed. */
  readonly rng?: Rng
}

/** The faults of a whole group: one plan wraps the transports of all its nodes, so that a partition is one call. */
export interface FaultPlan {
  /** The current faults. */
  readonly config: FaultConfig
  readonly counts: FaultCounts
  /**
   * Returns `transport`, which the result owns from now on, with the faults of this plan. Its messages may be lost, doubled,
   * corrupted or delayed; partitions and cuts stop its messages and messages to it, so wrap every node of a group. `send`
   * settles as that of `transport` does, after the delay; for a lost message it resolves.
   */
  wrap(transport: Transport): Transport
  /** Changes the given faults, from the next message on. Throws INVALID_CONFIG without any change. */
  set(changes: Partial<FaultConfig>): void
  /** Cuts the network into groups; a node in no group reaches no other. Adds to earlier partitions and cuts. */
  partition(groups: readonly (readonly Address[])[]): void
  /** Drops all messages from a node of `from` to a node of `to`, also those under way; the other direction stays open. */
  cut(from: readonly Address[], to: readonly Address[]): void
  /** Ends all partitions and cuts. */
  heal(): void
  /** Ends all faults: heals, and restores the defaults. Delayed messages still arrive at their time. */
  calm(): void
  /**
   * Returns whether the rare fault called `site` occurs now. May also be used in the handlers, peer sources and clocks of a
   * test: `if (faults.buggify('slow disk')) await pause()`. The seed enables about a quarter of all sites, independent of
   * their order. Enabled faults occur with `buggifyRate`, the others never, so that each seed has its own set of faults.
   */
  buggify(site: string): boolean
}

/** Creates a plan with the faults of the options. Throws INVALID_CONFIG. */
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
