/** The demo: a group on this machine is fed with the lines of a file, and every arrival is counted. */
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { TIME_IS_UP, withDeadline } from '../deadline.ts'
import type { CodecName, TransportName } from '../plugs.ts'
import { childNode } from './child-node.ts'
import { localNode, type DemoNode } from './demo-node.ts'
import { makePlan, type Planned } from './plan.ts'
import { createScreen, type Screen } from './screen.ts'
import { Tally } from './tally.ts'

export interface DemoOptions {
  readonly nodes: number
  readonly file: string
  readonly updates?: number | undefined
  /** Updates per second. */
  readonly rate: number
  readonly transport: TransportName
  readonly codec: CodecName
  readonly processes: boolean
  readonly seed: number
  /** Milliseconds. */
  readonly timeout: number
  readonly json: boolean
}

/** After the last arrival: the time for a duplicate to show itself, some rounds of the `local` preset. */
const SETTLE_MS = 300
const STEP_MS = 10

/** Runs the demo; the exit code is 0 when every update reached every other node exactly once. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const plan = await makePlan(options)
  const demo = new Demo(options, plan, createScreen(options.json))
  const ok = await demo.run(withDeadline(signal, options.timeout))
  if (signal.aborted) return 128 + constants.signals[signal.reason as NodeJS.Signals]
  return ok ? 0 : 1
}

class Demo {
  readonly #options: DemoOptions
  readonly #plan: readonly Planned[]
  readonly #screen: Screen
  readonly #tally: Tally
  readonly #nodes: readonly DemoNode[]
  readonly #startMs = performance.now()
  readonly #connected = new Set<number>()
  readonly #ended = new Set<number>()

  constructor(options: DemoOptions, plan: readonly Planned[], screen: Screen) {
    this.#options = options
    this.#plan = plan
    this.#screen = screen
    this.#tally = new Tally(options.nodes, plan)
    this.#nodes = Array.from({ length: options.nodes }, (_, number) => this.#createNode(number))
  }

  async run(ending: AbortSignal): Promise<boolean> {
    const ticker = setInterval(() => this.#showProgress(), this.#screen.intervalMs)
    try {
      await this.#startNodes()
      await this.#until(() => this.#connected.size + this.#ended.size >= this.#nodes.length, ending)
      await this.#submitAll(ending)
      await this.#until(() => this.#tally.isComplete, ending)
      await delay(SETTLE_MS, undefined, { signal: ending })
    } catch (error) {
      // Time is up, or a signal came: the summary says how far it got.
      if (!ending.aborted) throw error
      this.#screen.note(ending.reason === TIME_IS_UP ? `${TIME_IS_UP} (--timeout)` : `ended by ${ending.reason}`)
    } finally {
      clearInterval(ticker)
      await Promise.allSettled(this.#nodes.map((node) => node.stop()))
    }
    this.#showProgress()
    const summary = this.#tally.summary()
    this.#screen.summary(summary)
    return summary.lost === 0 && summary.duplicates === 0
  }

  #createNode(number: number): DemoNode {
    const create = this.#options.processes ? childNode : localNode
    const { transport, codec } = this.#options
    return create({ transport, codec, updates: this.#plan.length }, {
      connected: () => this.#connected.add(number),
      submitted: (content, atMs) => this.#tally.submit(content, atMs),
      delivered: (content, atMs) => this.#tally.deliver(number, content, atMs),
      failed: (reason) => this.#screen.note(`node ${number}: ${reason}`),
      ended: (reason) => {
        this.#ended.add(number)
        this.#tally.end(number)
        this.#screen.note(`node ${number}: ${reason}`)
      }
    })
  }

  /** All but the first know one address: gossip makes them known to one another. */
  async #startNodes(): Promise<void> {
    const [first, ...others] = this.#nodes
    const address = await first!.start([])
    await Promise.all(others.map((node) => node.start([address])))
  }

  async #submitAll(ending: AbortSignal): Promise<void> {
    const startMs = performance.now()
    for (const [index, { origin, content }] of this.#plan.entries()) {
      const dueMs = startMs + (index * 1000) / this.#options.rate
      if (dueMs > performance.now()) await delay(dueMs - performance.now(), undefined, { signal: ending })
      ending.throwIfAborted()
      this.#nodes[origin]!.submit(content)
    }
  }

  async #until(holds: () => boolean, ending: AbortSignal): Promise<void> {
    while (!holds()) await delay(STEP_MS, undefined, { signal: ending })
  }

  #showProgress(): void {
    this.#screen.progress({
      nodes: this.#nodes.length,
      connected: this.#connected.size,
      updates: this.#plan.length,
      submitted: this.#tally.submitted,
      expected: this.#tally.expected,
      delivered: this.#tally.delivered,
      elapsedMs: performance.now() - this.#startMs
    })
  }
}
