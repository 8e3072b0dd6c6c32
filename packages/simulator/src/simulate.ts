/** An application on many nodes under virtual time: your handler, your submissions, your faults, and a seed. */

import type {
  Codec,
  BroadcastConfig,
  AntiEntropyConfig,
  FetchConfig,
  StoreConfig,
  Submission,
  Update
} from '@rumormill/protocol'
import type { Rng } from '@rumormill/protocol'
import type { MembershipConfig } from '@rumormill/protocol/engine'
import { ANTI_ENTROPY, BROADCAST, FETCH, MEMBERSHIP, STORE } from './defaults.ts'
import { inDegrees, spreadOf, type Spread } from './metrics/degree.ts'
import { overlayOf } from './metrics/overlay.ts'
import { clusterSizes } from './metrics/paths.ts'
import { rngFor } from './seeded-rng.ts'
import type { NetworkOptions } from './world/network.ts'
import type { Counts, UpdateReport } from './world/tally.ts'
import { World } from './world/world.ts'

/** What one node of the simulated application can do. */
export interface SimulatedNode {
  readonly number: number
  /** The rng of this node alone; use no other, or the seed no longer decides. */
  readonly rng: Rng
  /** The virtual time in milliseconds; 0 at the start. */
  now(): number
  /** As `gossip.submit`; also from inside `onUpdate`. */
  submit(content: Uint8Array): Submission
  /** Calls `happen` in `ms` milliseconds, unless the node has crashed by then. */
  after(ms: number, happen: () => void): void
}

/** What the application is on one node: whatever you like, as long as it takes updates. */
export interface SimulatedApp {
  /**
   * As the handler of a real node, but synchronous: virtual time does not wait for promises, so returning one is an
   * error. What it throws is noted in the report, and the node goes on.
   */
  onUpdate(update: Update): void
}

/** What a script can do to the group, now or later. Nodes are numbers from 0, in the order they joined. */
export interface Stage<App extends SimulatedApp> {
  readonly nodes: readonly number[]
  now(): number
  /** Calls `act` at the virtual time `atMs`. */
  at(atMs: number, act: () => void): void
  /** The application on a node; a new one after a restart. */
  app(node: number): App
  submit(node: number, content: Uint8Array): Submission
  /** A new node, which knows `contacts` (default: node 0); returns its number. */
  join(contacts?: readonly number[]): number
  /** The node is gone without a word; leaving is the same. */
  crash(node: number): void
  /** A crashed node starts anew, with a new application and an empty store. */
  restart(node: number): void
  /** The node stands still until `resume`; what is sent to it waits. */
  pause(node: number): void
  resume(node: number): void
  /** Only nodes of one group reach one another; nodes in no group reach nobody. Comes on top of earlier partitions. */
  partition(groups: readonly (readonly number[])[]): void
  /** Nothing passes from one of `from` to one of `to`; the way back stays open. */
  cut(from: readonly number[], to: readonly number[]): void
  /** Ends all partitions and cuts. */
  heal(): void
}

export interface SimulationOptions<App extends SimulatedApp> {
  /** How many nodes start, at time 0; all know node 0. */
  readonly nodes: number
  /** Decides the whole run. Default 1. */
  readonly seed?: number
  /** How long the run lasts, in virtual milliseconds. */
  readonly durationMs: number
  /** Makes the application of one node, at its start and at each restart. */
  readonly app: (node: SimulatedNode) => App
  /** Called at time 0: what happens, and when. */
  readonly script?: (stage: Stage<App>) => void
  readonly network?: NetworkOptions
  readonly membership?: Partial<MembershipConfig>
  readonly store?: Partial<StoreConfig>
  readonly fetch?: Partial<FetchConfig>
  readonly antiEntropy?: Partial<AntiEntropyConfig>
  readonly broadcast?: Partial<BroadcastConfig>
  /** Every message goes through it. Default: messages arrive as they are. */
  readonly codec?: Codec
}

/** Plain data; the same options and seed give the same, byte for byte. */
export interface SimulationReport extends Counts {
  readonly seed: number
  readonly durationMs: number
  readonly liveNodes: number
  readonly updates: readonly UpdateReport[]
  /** What handlers threw. */
  readonly handlerErrors: readonly {
    readonly atMs: number
    readonly node: number
    readonly error: string
  }[]
  /** How evenly live nodes are known, and into how many clusters they fall. */
  readonly inDegree: Spread
  readonly clusters: number
  /** Entries of live nodes' views that are dead. */
  readonly deadLinks: number
}

export interface Simulation<App extends SimulatedApp> {
  readonly report: SimulationReport
  /** The applications of the nodes alive at the end, by number. */
  readonly apps: ReadonlyMap<number, App>
}

/** Runs the group from its start to `durationMs`, at once. */
export function simulate<App extends SimulatedApp>(
  options: SimulationOptions<App>
): Simulation<App> {
  const { nodes, seed = 1, durationMs, script } = options
  const run = new Run(options, seed)
  for (let number = 0; number < nodes; number++) run.join(number === 0 ? [] : [0])
  script?.(run)
  run.world.runTo(durationMs)
  return { report: run.report(durationMs), apps: run.apps() }
}

class Run<App extends SimulatedApp> implements Stage<App> {
  readonly world: World
  readonly nodes: number[] = []
  readonly #options: SimulationOptions<App>
  readonly #seed: number
  readonly #apps: App[] = []
  readonly #lives: number[] = []
  readonly #errors: { atMs: number; node: number; error: string }[] = []

  constructor(options: SimulationOptions<App>, seed: number) {
    this.#options = options
    this.#seed = seed
    this.world = new World({
      seed,
      network: options.network ?? {},
      membership: { ...MEMBERSHIP, ...options.membership },
      store: { ...STORE, ...options.store },
      fetch: { ...FETCH, ...options.fetch },
      antiEntropy: { ...ANTI_ENTROPY, ...options.antiEntropy },
      broadcast: { ...BROADCAST, ...options.broadcast },
      ...(options.codec === undefined ? {} : { codec: options.codec }),
      deliver: (node, update) => this.#deliver(node, update)
    })
  }

  now(): number {
    return this.world.nowMs
  }

  at(atMs: number, act: () => void): void {
    this.world.at(atMs, act)
  }

  app(node: number): App {
    return this.#apps[node]!
  }

  submit(node: number, content: Uint8Array): Submission {
    return this.world.submit(node, content)
  }

  join(contacts: readonly number[] = [0]): number {
    const number = this.world.join(contacts)
    this.nodes.push(number)
    this.#lives.push(1)
    this.#apps.push(this.#start(number))
    return number
  }

  crash(node: number): void {
    this.world.crash(node)
  }

  restart(node: number): void {
    this.world.restart(node)
    this.#lives[node]!++
    this.#apps[node] = this.#start(node)
  }

  pause(node: number): void {
    this.world.pause(node)
  }

  resume(node: number): void {
    this.world.resume(node)
  }

  partition(groups: readonly (readonly number[])[]): void {
    this.world.network.partition(groups)
  }

  cut(from: readonly number[], to: readonly number[]): void {
    this.world.network.cut(from, to)
  }

  heal(): void {
    this.world.network.heal()
  }

  apps(): Map<number, App> {
    return new Map(this.#live().map((node) => [node, this.#apps[node]!]))
  }

  report(durationMs: number): SimulationReport {
    const { world } = this
    const live = this.#live()
    const numbers = new Map(live.map((node, number) => [node, number]))
    const views = live.map((node) => world.view(node))
    const overlay = overlayOf(views.map((view) => view.flatMap((node) => numbers.get(node) ?? [])))
    const links = views.reduce((sum, view) => sum + view.length, 0)
    return {
      seed: this.#seed,
      durationMs,
      liveNodes: live.length,
      updates: world.tally.updates(),
      handlerErrors: this.#errors,
      ...world.tally.counts,
      inDegree: spreadOf(inDegrees(overlay)),
      clusters: clusterSizes(overlay).length,
      deadLinks: links - overlay.targets.length
    }
  }

  #live(): number[] {
    return this.nodes.filter((node) => this.world.isAlive(node))
  }

  #start(number: number): App {
    const life = this.#lives[number]!
    const isCurrent = (): boolean => this.#lives[number] === life && this.world.isAlive(number)
    return this.#options.app({
      number,
      rng: rngFor(this.#seed, number + 2, -life),
      now: () => this.world.nowMs,
      submit: (content) => this.world.submit(number, content),
      after: (ms, happen) =>
        this.world.at(this.world.nowMs + ms, () => {
          if (isCurrent()) happen()
        })
    })
  }

  #deliver(node: number, update: Update): void {
    let result: unknown
    try {
      result = this.#apps[node]!.onUpdate(update)
    } catch (error) {
      this.#errors.push({ atMs: this.world.nowMs, node, error: String(error) })
    }
    if (result instanceof Promise)
      throw new TypeError(
        'onUpdate returned a promise: virtual time does not wait, make it synchronous'
      )
  }
}

/**
 * Calls `run` for each seed, 1 to `seeds` or those listed, until one throws; then throws an error that names the seed, so
 * that `forEachSeed([that one], run)` brings it back.
 */
export function forEachSeed(seeds: number | readonly number[], run: (seed: number) => void): void {
  const list =
    typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => index + 1) : seeds
  for (const seed of list) {
    try {
      run(seed)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new Error(
        `seed ${seed} fails, bring it back with forEachSeed([${seed}], ...): ${message}`,
        { cause: error }
      )
    }
  }
}
