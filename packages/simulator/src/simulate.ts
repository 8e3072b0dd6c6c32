/** Runs an application on many nodes in virtual time, with scripted submissions and faults. A seed determines the run. */

import type {
  AntiEntropyConfig,
  BroadcastConfig,
  Codec,
  FetchConfig,
  MembershipConfig,
  StoreConfig,
  Submission,
  Update
} from '@rumormill/protocol'
import { digestOfKey, PRESETS, type KeyedUpdate } from '@rumormill/protocol/engine'
import type { Rng } from '@rumormill/protocol/plugin'
import { inDegrees, distributionOf, type Distribution } from './metrics/degree.ts'
import { overlayOf } from './metrics/overlay.ts'
import { clusterSizes } from './metrics/paths.ts'
import { rngFor } from './seeded-rng.ts'
import type { NetworkOptions } from './world/network.ts'
import type { Counts, UpdateReport } from './world/recorder.ts'
import { World } from './world/world.ts'

/** The interface of one node to the simulated application. */
export interface SimulatedNode {
  readonly number: number
  /** The rng of this node. Use no other, or the seed no longer determines the run. */
  readonly rng: Rng
  /** The virtual time in milliseconds; 0 at the start. */
  now(): number
  /** Submits as `gossip.submit` does; also allowed inside `onUpdate`. */
  submit(content: Uint8Array): Submission
  /** Calls `happen` in `ms` milliseconds, unless the node has crashed by then. */
  after(ms: number, happen: () => void): void
}

/** The application on one node: any object with a handler of updates. */
export interface SimulatedApp {
  /**
   * Handles an update as the handler of a real node does, but synchronously: virtual time does not wait for promises, so
   * returning one is an error. Errors that it throws are listed in the report, and the node goes on.
   */
  onUpdate(update: Update): void
}

/** The interface of a script to the group. Nodes are numbered from 0 in the order in which they joined. */
export interface Stage<App extends SimulatedApp> {
  readonly nodes: readonly number[]
  now(): number
  /** Calls `act` at the virtual time `atMs`. */
  at(atMs: number, act: () => void): void
  /** Returns the application on a node; a restart creates a new one. */
  app(node: number): App
  submit(node: number, content: Uint8Array): Submission
  /** Starts a new node with `contacts` as its peer source (default: node 0); returns its number. */
  join(contacts?: readonly number[]): number
  /** Stops a node silently; leaving a group is the same. */
  crash(node: number): void
  /** Restarts a crashed node with a new application and an empty store. */
  restart(node: number): void
  /** Suspends a node until `resume`; messages to it wait. */
  pause(node: number): void
  resume(node: number): void
  /**
   * Splits the network: nodes without a common group do not reach each other, a node in no group reaches none. Adds to earlier
   * partitions and cuts.
   */
  partition(groups: readonly (readonly number[])[]): void
  /** Drops all messages from a node of `from` to a node of `to`, also those under way; the other direction stays open. */
  cut(from: readonly number[], to: readonly number[]): void
  /** Ends all partitions and cuts. */
  heal(): void
}

export interface SimulationOptions<App extends SimulatedApp> {
  /** How many nodes start at time 0. Node 0 is the peer source of all. */
  readonly nodes: number
  /** The seed, which determines the whole run. Default 1. */
  readonly seed?: number
  /** The duration of the run, in virtual milliseconds. */
  readonly durationMs: number
  /** Creates the application of one node, at its start and at each restart. */
  readonly app: (node: SimulatedNode) => App
  /** Is called at time 0 to schedule submissions and faults. */
  readonly script?: (stage: Stage<App>) => void
  readonly network?: NetworkOptions
  readonly membership?: Partial<MembershipConfig>
  readonly store?: Partial<StoreConfig>
  readonly fetch?: Partial<FetchConfig>
  readonly antiEntropy?: Partial<AntiEntropyConfig>
  readonly broadcast?: Partial<BroadcastConfig>
  /** The codec that encodes and decodes every message. Default: messages are passed as objects. */
  readonly codec?: Codec
}

/** The report, as plain data. The same options and seed give the same report, byte for byte. */
export interface SimulationReport extends Counts {
  readonly seed: number
  readonly durationMs: number
  readonly liveNodes: number
  readonly updates: readonly UpdateReport[]
  /** The errors that handlers threw. */
  readonly handlerErrors: readonly {
    readonly atMs: number
    readonly node: number
    readonly error: string
  }[]
  /** The distribution of the live nodes' in-degrees, and the number of clusters. */
  readonly inDegree: Distribution
  readonly clusters: number
  /** Entries of live nodes' views that point to dead nodes. */
  readonly deadLinks: number
}

export interface Simulation<App extends SimulatedApp> {
  readonly report: SimulationReport
  /** The applications of the nodes that are alive at the end, by number. */
  readonly apps: ReadonlyMap<number, App>
}

/** Runs the group from its start to `durationMs`, and returns when it is done. */
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
      membership: { ...PRESETS.lan.membership, ...options.membership },
      store: { ...PRESETS.lan.store, ...options.store },
      fetch: { ...PRESETS.lan.fetch, ...options.fetch },
      antiEntropy: { ...PRESETS.lan.antiEntropy, ...options.antiEntropy },
      broadcast: { ...PRESETS.lan.broadcast, ...options.broadcast },
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
      updates: world.recorder.updates(),
      handlerErrors: this.#errors,
      ...world.recorder.counts,
      inDegree: distributionOf(inDegrees(overlay)),
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

  #deliver(node: number, { key, content }: KeyedUpdate): void {
    let result: unknown
    try {
      result = this.#apps[node]!.onUpdate({ digest: digestOfKey(key), content })
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
 * Calls `run` for each seed, 1 to `seeds` or those listed, until one throws. Then throws an error that names the seed, which
 * `forEachSeed([seed], run)` reproduces.
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
        `seed ${seed} fails, reproduce it with forEachSeed([${seed}], ...): ${message}`,
        { cause: error }
      )
    }
  }
}
