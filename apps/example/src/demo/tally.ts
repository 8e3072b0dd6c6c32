/** Counts the submissions and deliveries of the demo, with their latency. */

import type { Planned } from './plan.ts'

/** The result, as `--json` prints it on its last line. */
export interface Summary {
  readonly type: 'summary'
  readonly nodes: number
  readonly updates: number
  /** Deliveries of each update to every node except its origin. */
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  /** Repeated deliveries of an update to a node, and deliveries to its origin. */
  readonly duplicates: number
  /** The latency from submit to handler, in milliseconds; null when nothing was delivered. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

interface Entry {
  readonly origin: number
  submittedAtMs: number | undefined
  /** The time of delivery, by the number of the node. */
  readonly deliveredAtMs: Map<number, number>
}

export class Tally {
  readonly expected: number
  readonly #nodes: number
  readonly #entries: Map<string, Entry>
  /** Nodes that have ended, and from which nothing is expected. */
  readonly #ended = new Set<number>()
  #submitted = 0
  #delivered = 0
  #duplicates = 0

  constructor(nodes: number, plan: readonly Planned[]) {
    this.#nodes = nodes
    this.expected = plan.length * (nodes - 1)
    this.#entries = new Map(
      plan.map(({ origin, content }) => {
        return [content, { origin, submittedAtMs: undefined, deliveredAtMs: new Map() }]
      })
    )
  }

  get submitted(): number {
    return this.#submitted
  }

  get delivered(): number {
    return this.#delivered
  }

  /** Counts a submission; ignores contents that are not in the plan. */
  submit(content: string, atMs: number): void {
    const entry = this.#entries.get(content)
    if (entry === undefined) return
    entry.submittedAtMs = atMs
    this.#submitted++
  }

  /** Counts a delivery; ignores contents that are not in the plan. */
  deliver(node: number, content: string, atMs: number): void {
    const entry = this.#entries.get(content)
    if (entry === undefined) return
    if (node === entry.origin || entry.deliveredAtMs.has(node)) {
      this.#duplicates++
    } else {
      entry.deliveredAtMs.set(node, atMs)
      this.#delivered++
    }
  }

  end(node: number): void {
    this.#ended.add(node)
  }

  /** Whether all possible deliveries have happened: those from or to ended nodes are not expected. */
  get isComplete(): boolean {
    if (this.#ended.size === 0) return this.#delivered === this.expected
    const living = Array.from({ length: this.#nodes }, (_, node) => node).filter(
      (node) => !this.#ended.has(node)
    )
    return [...this.#entries.values()].every(({ origin, deliveredAtMs }) => {
      return (
        this.#ended.has(origin) ||
        living.every((node) => node === origin || deliveredAtMs.has(node))
      )
    })
  }

  summary(): Summary {
    const latenciesMs = [...this.#entries.values()]
      .flatMap(({ submittedAtMs, deliveredAtMs }) =>
        [...deliveredAtMs.values()].map((atMs) => atMs - submittedAtMs!)
      )
      .sort((a, b) => a - b)
    return {
      type: 'summary',
      nodes: this.#nodes,
      updates: this.#entries.size,
      expected: this.expected,
      delivered: this.#delivered,
      lost: this.expected - this.#delivered,
      duplicates: this.#duplicates,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99)
    }
  }
}

/** Returns the percentile by the nearest-rank method, rounded to a tenth. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(sorted.length * share) - 1]
  return value === undefined ? null : Math.round(value * 10) / 10
}
