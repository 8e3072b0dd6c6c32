/** How the last updates have spread: who got each from whom, and when all had it. */

import type { Spread } from '@rumormill/page'
import type { Group, GroupListener } from '../demo/group.ts'

interface Account {
  readonly id: number
  readonly text: string
  origin: number
  submittedAtMs: number | undefined
  /** By number: from whom, and when. */
  readonly arrivals: Map<number, { readonly from: number | undefined; readonly atMs: number }>
  complete: boolean
  /** Whether pages are told how it spreads. */
  followed: boolean
}

/** As many updates are remembered; older ones are told of no more. */
const MAX_ACCOUNTS = 256
const MAX_TIMES = 200
/** Of the lines of the file one is followed at times: all at once could not be told apart. */
const FOLLOW_EVERY_MS = 1500
const MAX_TEXT_LENGTH = 120

export class Chronicle {
  readonly #run: number
  readonly #accounts = new Map<string, Account>()
  readonly #times: [id: number, toAllMs: number][] = []
  readonly #news = new Set<Account>()
  #group: Group | undefined
  #lastFollowed: Account | undefined
  #followAtMs = 0
  #untold = 0
  #count = 0

  constructor(run: number) {
    this.#run = run
  }

  /** Whose updates these are; before anything is submitted. */
  belongsTo(group: Group): void {
    this.#group = group
  }

  /** Has the next update with this content followed, whatever else is. */
  follow(content: string): void {
    this.#accountOf(content).followed = true
  }

  /** What is to be heard. */
  listener(): GroupListener {
    return {
      connected: () => {},
      submitted: ({ number }, content, atMs) => this.#submitted(number, content, atMs),
      delivered: ({ number }, content, atMs, from) => this.#delivered(number, content, atMs, from),
      failed: () => {},
      // What only the dead one lacked is complete now.
      ended: () => {
        for (const account of this.#accounts.values()) this.#check(account)
      }
    }
  }

  /** The followed updates that have come further since this was last asked. */
  takeSpreads(): Spread[] {
    const spreads = [...this.#news].filter(({ submittedAtMs }) => submittedAtMs !== undefined)
    for (const account of spreads) this.#news.delete(account)
    return spreads.map((account) => this.#spreadOf(account))
  }

  /** The times to all since this was last asked. */
  takeTimes(): readonly (readonly [number, number])[] {
    const times = this.#untold === 0 ? [] : this.#times.slice(-this.#untold)
    this.#untold = 0
    return times
  }

  /** From now on only what happens from now on is told. */
  forgetNews(): void {
    this.#news.clear()
    this.#untold = 0
  }

  /** All that is remembered, for a page that has just come. */
  get past(): {
    readonly times: readonly (readonly [number, number])[]
    readonly spread: Spread | undefined
  } {
    const last = this.#lastFollowed
    return {
      times: [...this.#times],
      spread: last === undefined ? undefined : this.#spreadOf(last)
    }
  }

  #submitted(number: number, content: string, atMs: number): void {
    const account = this.#accountOf(content)
    account.origin = number
    account.submittedAtMs = atMs
    if (atMs >= this.#followAtMs) account.followed = true
    if (account.followed) {
      this.#followAtMs = atMs + FOLLOW_EVERY_MS
      this.#lastFollowed = account
      this.#news.add(account)
    }
    this.#check(account)
  }

  #delivered(number: number, content: string, atMs: number, from: number | undefined): void {
    const account = this.#accountOf(content)
    if (account.arrivals.has(number)) return
    account.arrivals.set(number, { from, atMs })
    if (account.followed) this.#news.add(account)
    this.#check(account)
  }

  #accountOf(content: string): Account {
    const known = this.#accounts.get(content)
    if (known !== undefined) return known
    if (this.#accounts.size >= MAX_ACCOUNTS) this.#forgetOldest()
    const account: Account = {
      id: this.#count++,
      text: content.slice(0, MAX_TEXT_LENGTH),
      origin: -1,
      submittedAtMs: undefined,
      arrivals: new Map(),
      complete: false,
      followed: false
    }
    this.#accounts.set(content, account)
    return account
  }

  #forgetOldest(): void {
    const [content, account] = this.#accounts.entries().next().value!
    this.#accounts.delete(content)
    this.#news.delete(account)
  }

  #check(account: Account): void {
    const { arrivals, origin, submittedAtMs } = account
    if (account.complete || submittedAtMs === undefined || arrivals.size === 0) return
    const lacking = this.#group!.seats.some(({ status, number }) => {
      return status === 'up' && number !== origin && !arrivals.has(number)
    })
    if (lacking) return
    account.complete = true
    if (account.followed) this.#news.add(account)
    const lastAtMs = Math.max(...[...arrivals.values()].map(({ atMs }) => atMs))
    this.#times.push([account.id, Math.max(0, lastAtMs - submittedAtMs)])
    if (this.#times.length > MAX_TIMES) this.#times.shift()
    this.#untold = Math.min(this.#untold + 1, MAX_TIMES)
  }

  #spreadOf({ id, origin, text, submittedAtMs, arrivals, complete }: Account): Spread {
    return {
      run: this.#run,
      id,
      origin,
      text,
      complete,
      arrivals: [...arrivals].map(
        ([node, { from = -1, atMs }]) => [node, from, atMs - submittedAtMs!] as const
      )
    }
  }
}
