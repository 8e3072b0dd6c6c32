/** One run of the demo: submits a plan to a group, and counts every delivery. The group runs until `stop`. */

import { setTimeout as delay } from 'node:timers/promises'
import { Group, type GroupListener, type GroupOptions } from './group.ts'
import type { Planned } from './plan.ts'
import type { Progress } from './screen.ts'
import { Tally, type Summary } from './tally.ts'

export interface RunOptions extends Omit<GroupOptions, 'updates' | 'maxConnections'> {
  /** Updates per second. */
  readonly rate: number
}

/** How many updates may be submitted in addition to the plan. */
const SPARE_UPDATES = 1000
/** The most connections of all nodes together. Each needs two file descriptors of this process, which may have 20,000. */
const MAX_CONNECTIONS = 8000
/** The time after the last delivery in which duplicates may arrive: some rounds of the `local` preset. */
const SETTLE_MS = 300
const STEP_MS = 10

export class Run {
  readonly options: RunOptions
  readonly group: Group
  readonly #plan: readonly Planned[]
  readonly #tally: Tally
  readonly #startMs = performance.now()
  readonly #connected = new Set<number>()
  readonly #ended = new Set<number>()
  #summary: Summary | undefined
  #endMs: number | undefined

  /** Calls `listeners` with each event of the group after counting it. */
  constructor(
    options: RunOptions,
    plan: readonly Planned[],
    ...listeners: readonly GroupListener[]
  ) {
    this.options = options
    this.#plan = plan
    this.#tally = new Tally(options.nodes, plan)
    const maxConnections = Math.floor(MAX_CONNECTIONS / options.nodes)
    const groupOptions = { ...options, updates: plan.length + SPARE_UPDATES, maxConnections }
    this.group = new Group(groupOptions, spread([this.#books(), ...listeners]))
  }

  get progress(): Progress {
    return {
      nodes: this.options.nodes,
      connected: this.#connected.size,
      updates: this.#plan.length,
      submitted: this.#tally.submitted,
      expected: this.#tally.expected,
      delivered: this.#tally.delivered,
      elapsedMs: (this.#endMs ?? performance.now()) - this.#startMs
    }
  }

  /** The result; undefined until the plan has finished. */
  get summary(): Summary | undefined {
    return this.#summary
  }

  /** Starts the group, submits the plan, and waits until all possible deliveries have happened. Rejects when `ending` aborts. */
  async feed(ending: AbortSignal): Promise<void> {
    try {
      await this.group.start()
      await this.#until(() => this.#connected.size + this.#ended.size >= this.options.nodes, ending)
      await this.#submitAll(ending)
      await this.#until(() => this.#tally.isComplete, ending)
      await delay(SETTLE_MS, undefined, { signal: ending })
    } finally {
      this.#summary = this.#tally.summary()
      this.#endMs = performance.now()
    }
  }

  stop(): Promise<void> {
    return this.group.stop()
  }

  #books(): GroupListener {
    return {
      connected: ({ number }) => this.#connected.add(number),
      submitted: (_seat, content, atMs) => this.#tally.submit(content, atMs),
      // A restarted node has an empty store, so repeated deliveries to it are not duplicates.
      delivered: ({ number, life }, content, atMs) => {
        if (life === 0) this.#tally.deliver(number, content, atMs)
      },
      failed: () => {},
      ended: ({ number }) => {
        this.#ended.add(number)
        this.#tally.end(number)
      }
    }
  }

  async #submitAll(ending: AbortSignal): Promise<void> {
    const startMs = performance.now()
    for (const [index, { origin, content }] of this.#plan.entries()) {
      const dueMs = startMs + (index * 1000) / this.options.rate
      if (dueMs > performance.now())
        await delay(dueMs - performance.now(), undefined, { signal: ending })
      ending.throwIfAborted()
      this.group.submit(origin, content)
    }
  }

  async #until(holds: () => boolean, ending: AbortSignal): Promise<void> {
    while (!holds()) await delay(STEP_MS, undefined, { signal: ending })
  }
}

function spread(listeners: readonly GroupListener[]): GroupListener {
  return {
    connected: (...what) => {
      for (const listener of listeners) listener.connected(...what)
    },
    submitted: (...what) => {
      for (const listener of listeners) listener.submitted(...what)
    },
    delivered: (...what) => {
      for (const listener of listeners) listener.delivered(...what)
    },
    failed: (...what) => {
      for (const listener of listeners) listener.failed(...what)
    },
    ended: (...what) => {
      for (const listener of listeners) listener.ended(...what)
    }
  }
}
