/** The demo's books: what was submitted where, what arrived where, how often and how late. */

import type { Planned } from './plan.ts'

/** The outcome, as `--json` prints it on its last line. */
export interface Summary {
  readonly type: 'summary'
  readonly nodes: number
  readonly updates: number
  /** Each update at every node but its origin. */
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  /** Deliveries beyond the first of an update at a node, or to its origin. */
  readonly duplicates: number
  /** From submit to handler, in milliseconds; null when nothing was delivered. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

interface Entry {
  readonly origin: number
  submittedAtMs: number | undefined
  /** When it was delivered, by the number of the node. */
  readonly deliveredAtMs: Map<number, number>
}

export class Tally {
  readonly expected: number
  readonly #nodes: number
  readonly #entries: Map<string, Entry>
  /** Nodes that are no more: nothing is awaited from them. */
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

  /** What is not of the plan is not in these books. */
  submit(content: string, atMs: number): void {
    const entry = this.#entries.get(content)
    if (entry === undefined) return
    entry.submittedAtMs = atMs
    this.#submitted++
  }

  /** A content that was never submitted does not count: then one that was is lost. */
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

  /** Whether all has arrived that can: what a node took with it is not waited for. */
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

/** The nearest rank: the smallest value that at least `share` of the others do not exceed. To a tenth. */
function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.ceil(sorted.length * share) - 1]
  return value === undefined ? null : Math.round(value * 10) / 10
}
