/** Who submitted what, and who was given what: the books against which loss and duplicates are counted. */

import type { Update } from '@rumormill/protocol'
import type { SimulatedApp, Stage } from '@rumormill/simulator'

/** Milliseconds between rounds, and between view exchanges, of simulated nodes as they are by default. */
export const ROUND_MS = 200
export const VIEW_PERIOD_MS = 500

interface Entry {
  readonly by: number
  readonly atMs: number
}

/** The application of one life of one node: it notes what comes, how often, and when. */
export class Account implements SimulatedApp {
  readonly node: number
  readonly bornMs: number
  readonly #now: () => number
  readonly #heard = new Map<number, { count: number; atMs: number }>()

  constructor(node: number, now: () => number) {
    this.node = node
    this.bornMs = now()
    this.#now = now
  }

  onUpdate({ content }: Update): void {
    const id = numberIn(content)
    const known = this.#heard.get(id)
    if (known === undefined) this.#heard.set(id, { count: 1, atMs: this.#now() })
    else known.count++
  }

  /** When an update came; Infinity when it did not. */
  heardMs(id: number): number {
    return this.#heard.get(id)?.atMs ?? Infinity
  }

  /** How many updates came whose number is none of the first `updates`. */
  beyond(updates: number): number {
    return [...this.#heard.keys()].filter((id) => id >= updates).length
  }

  get duplicates(): number {
    return [...this.#heard.values()].reduce((sum, { count }) => sum + count - 1, 0)
  }
}

export class Ledger {
  readonly entries: Entry[] = []
  readonly #stage: Stage<Account>

  constructor(stage: Stage<Account>) {
    this.#stage = stage
  }

  /** A node submits the next update now. */
  submit(by: number, bytes: number = 64): void {
    const id = this.entries.push({ by, atMs: this.#stage.now() }) - 1
    this.#stage.submit(by, contentOf(id, bytes))
  }

  /** How many of the updates that an account must have, it does not have by `byMs`. */
  missing(
    account: Account,
    byMs: number = Number.MAX_VALUE,
    mustHave: (entry: Entry) => boolean = () => true
  ): number {
    return this.entries.filter((entry, id) => {
      // A node is not told of what it submitted itself, in this life.
      const isOwn = entry.by === account.node && entry.atMs >= account.bornMs
      return !isOwn && mustHave(entry) && account.heardMs(id) > byMs
    }).length
  }

  /** How long each update took that came to `account` from others. */
  delaysMs(account: Account, counts: (entry: Entry) => boolean = () => true): number[] {
    return this.entries.flatMap((entry, id) => {
      const heardMs = account.heardMs(id)
      return entry.by === account.node || heardMs === Infinity || !counts(entry)
        ? []
        : [heardMs - entry.atMs]
    })
  }

  /** When the last update came to `account`, after `sinceMs` at the earliest. */
  completeMs(account: Account, sinceMs: number = 0): number {
    return this.entries.reduce(
      (last, { by }, id) => (by === account.node ? last : Math.max(last, account.heardMs(id))),
      sinceMs
    )
  }
}

/** What is lost and doubled over all accounts. */
export function balance(
  ledger: Ledger,
  accounts: Iterable<Account>
): { lost: number; duplicates: number } {
  let [lost, duplicates] = [0, 0]
  for (const account of accounts) {
    lost += ledger.missing(account)
    duplicates += account.duplicates
  }
  return { lost, duplicates }
}

/** Content number `id`; in less than four bytes, the number must fit into them. */
export function contentOf(id: number, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes)
  putNumber(content, id)
  return content
}

/** Overwrites the first bytes of `content`, at most four, the lowest first. */
export function putNumber(content: Uint8Array, id: number): void {
  for (let index = 0; index < Math.min(4, content.length); index++)
    content[index] = id >>> (8 * index)
}

/** The number that {@link putNumber} put there. */
export function numberIn(content: Uint8Array): number {
  let id = 0
  for (let index = 0; index < Math.min(4, content.length); index++)
    id += content[index]! * 2 ** (8 * index)
  return id
}
