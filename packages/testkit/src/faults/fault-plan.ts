/** Injects faults between the transports of a test: one plan for all of them, which can be changed while they run. */

import {
  createRng,
  systemClock,
  type Clock,
  type Rng,
  type Transport
} from '@rumormill/protocol/plugin'
import { checkFaults } from './fault-checks.ts'
import { CALM, type FaultConfig, type FaultCounts } from './fault-config.ts'
import { switchesOf, type SiteSwitch } from './fault-sites.ts'
import { nextDelayMs, type LinkFaults } from './faults.ts'
import { FaultyTransport, type FaultSource } from './faulty-transport.ts'
import { Links } from './links.ts'

export interface FaultPlanOptions extends Partial<FaultConfig> {
  /** The clock for delays. Default: the system clock. With a manual clock, every run is the same. */
  readonly clock?: Clock
  /** The rng for all random choices. Default: a fixed seed. */
  readonly rng?: Rng
}

/** The faults of a whole group: one plan wraps the transports of all its nodes, so that a partition is one call. */
export interface FaultPlan extends LinkFaults {
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
  /** Ends all faults: heals, and restores the defaults. Delayed messages still arrive at their time. */
  calm(): void
  /**
   * Returns whether the rare fault called `site` occurs now. May also be used in the handlers, peer sources and clocks of a
   * test: `if (faults.buggify('slow disk')) await pause()`. The seed enables about a quarter of all sites, independent of
   * their order. Enabled faults occur with the share `buggify`, the others never, so that each seed has its own set of faults.
   */
  buggify(site: string): boolean
}

/** Creates a plan with the faults of the options. Throws INVALID_CONFIG. */
export function faultPlan(options: FaultPlanOptions = {}): FaultPlan {
  return new Plan(options)
}

class Plan extends Links implements FaultPlan, FaultSource {
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
  readonly #isSwitchedOn: SiteSwitch

  constructor({ clock = systemClock, rng = createRng(1), ...config }: FaultPlanOptions) {
    super()
    this.clock = clock
    this.rng = rng
    this.#isSwitchedOn = switchesOf(rng.below(2 ** 32))
    this.set(config)
  }

  wrap(transport: Transport): Transport {
    return new FaultyTransport(transport, this)
  }

  set(changes: Partial<FaultConfig>): void {
    checkFaults(CALM, changes)
    this.config = { ...this.config, ...changes }
  }

  calm(): void {
    this.heal()
    this.config = CALM
  }

  buggify(site: string): boolean {
    const strikes =
      this.config.buggify > 0 && this.#isSwitchedOn(site) && this.happens(this.config.buggify)
    if (strikes) this.counts.buggified[site] = (this.counts.buggified[site] ?? 0) + 1
    return strikes
  }

  happens(share: number): boolean {
    return share > 0 && this.rng.fraction() < share
  }

  nextDelayMs(): number {
    const { delayMs, reorder, reorderMs } = this.config
    const usualMs = nextDelayMs(delayMs, this.rng)
    if (!this.happens(reorder)) return usualMs
    this.counts.reordered++
    return usualMs + this.rng.fraction() * reorderMs
  }
}
