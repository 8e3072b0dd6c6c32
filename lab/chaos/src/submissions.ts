/** The submitted updates and the deliveries to each node, from which loss and duplicates are counted. */

import type { Update } from '@rumormill/protocol'
import type { SimulatedApp, Stage } from '@rumormill/simulator'

/** The default milliseconds between rounds, and between view exchanges, of simulated nodes. */
export const ROUND_MS = 200
export const VIEW_PERIOD_MS = 500

interface Entry {
  readonly by: number
  readonly atMs: number
}

/** The deliveries to one life of one node: which updates arrived, how often, and when. */
export class DeliveryLog implements SimulatedApp {
  readonly node: number
  readonly bornMs: number
  readonly #now: () => number
  readonly #deliveries = new Map<number, { count: number; atMs: number }>()

  constructor(node: number, now: () => number) {
    this.node = node
    this.bornMs = now()
    this.#now = now
  }

  onUpdate({ content }: Update): void {
    const id = numberIn(content)
    const delivery = this.#deliveries.get(id)
    if (delivery === undefined) this.#deliveries.set(id, { count: 1, atMs: this.#now() })
    else delivery.count++
  }

  /** Returns when an update first arrived; Infinity when it did not. */
  arrivalMs(id: number): number {
    return this.#deliveries.get(id)?.atMs ?? Infinity
  }

  /** Returns how many updates arrived whose number is `updates` or higher. */
  beyond(updates: number): number {
    return [...this.#deliveries.keys()].filter((id) => id >= updates).length
  }

  get duplicates(): number {
    return [...this.#deliveries.values()].reduce((sum, { count }) => sum + count - 1, 0)
  }
}

/** All updates that the nodes of a simulated group submit. */
export class Submissions {
  readonly entries: Entry[] = []
  readonly #stage: Stage<DeliveryLog>

  constructor(stage: Stage<DeliveryLog>) {
    this.#stage = stage
  }

  /** Lets a node submit the next update now. */
  submit(by: number, bytes: number = 64): void {
    const id = this.entries.push({ by, atMs: this.#stage.now() }) - 1
    this.#stage.submit(by, contentOf(id, bytes))
  }

  /** Returns how many of the required updates are not in `log` by `byMs`. */
  missing(
    log: DeliveryLog,
    byMs: number = Number.MAX_VALUE,
    mustHave: (entry: Entry) => boolean = () => true
  ): number {
    return this.entries.filter((entry, id) => {
      // A node does not get the updates that it submitted itself, in this life.
      const isOwn = entry.by === log.node && entry.atMs >= log.bornMs
      return !isOwn && mustHave(entry) && log.arrivalMs(id) > byMs
    }).length
  }

  /** Returns how long each update of others took to arrive in `log`. */
  delaysMs(log: DeliveryLog, counts: (entry: Entry) => boolean = () => true): number[] {
    return this.entries.flatMap((entry, id) => {
      const arrivalMs = log.arrivalMs(id)
      return entry.by === log.node || arrivalMs === Infinity || !counts(entry)
        ? []
        : [arrivalMs - entry.atMs]
    })
  }

  /** Returns when the last update arrived in `log`, at the earliest `sinceMs`. */
  completeMs(log: DeliveryLog, sinceMs: number = 0): number {
    return this.entries.reduce(
      (last, { by }, id) => (by === log.node ? last : Math.max(last, log.arrivalMs(id))),
      sinceMs
    )
  }
}

/** Counts the lost and duplicate updates of all logs. */
export function balance(
  submissions: Submissions,
  logs: Iterable<DeliveryLog>
): { lost: number; duplicates: number } {
  let [lost, duplicates] = [0, 0]
  for (const log of logs) {
    lost += submissions.missing(log)
    duplicates += log.duplicates
  }
  return { lost, duplicates }
}

/** Returns content number `id`. With less than four bytes, the number must fit into them. */
export function contentOf(id: number, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes)
  putNumber(content, id)
  return content
}

/** Writes `id` into the first bytes of `content`, at most four, little-endian. */
export function putNumber(content: Uint8Array, id: number): void {
  for (let index = 0; index < Math.min(4, content.length); index++)
    content[index] = id >>> (8 * index)
}

/** Reads the number that {@link putNumber} wrote. */
export function numberIn(content: Uint8Array): number {
  let id = 0
  for (let index = 0; index < Math.min(4, content.length); index++)
    id += content[index]! * 2 ** (8 * index)
  return id
}
