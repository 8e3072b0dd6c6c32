/** Records how the latest updates spread: which node got each from which, and when all nodes had it. */

import type { Spread } from '@rumormill/page'
import type { Group, GroupListener } from '../demo/group.ts'

/** The record of one update. */
interface TrackedUpdate {
  readonly id: number
  readonly text: string
  origin: number
  submittedAtMs: number | undefined
  /** The sender and the time of the arrival at each node, by number. */
  readonly arrivals: Map<number, { readonly from: number | undefined; readonly atMs: number }>
  complete: boolean
  /** Whether its spread is sent to the pages. */
  followed: boolean
}

/** The most updates that are recorded; older ones are forgotten. */
const MAX_UPDATES = 256
const MAX_TIMES = 200
/** The interval at which a line of the file is followed: more at once could not be distinguished on the page. */
const FOLLOW_EVERY_MS = 1500
const MAX_TEXT_LENGTH = 120

export class Chronicle {
  readonly #run: number
  readonly #updates = new Map<string, TrackedUpdate>()
  readonly #times: [id: number, toAllMs: number][] = []
  readonly #news = new Set<TrackedUpdate>()
  #group: Group | undefined
  #lastFollowed: TrackedUpdate | undefined
  #followAtMs = 0
  #unreported = 0
  #count = 0

  constructor(run: number) {
    this.#run = run
  }

  /** Sets the group. Must be called before anything is submitted. */
  belongsTo(group: Group): void {
    this.#group = group
  }

  /** Follows the next update with this content. */
  follow(content: string): void {
    this.#updateOf(content).followed = true
  }

  /** Returns the listener that records the events of the group. */
  listener(): GroupListener {
    return {
      connected: () => {},
      submitted: ({ number }, content, atMs) => this.#submitted(number, content, atMs),
      delivered: ({ number }, content, atMs, from) => this.#delivered(number, content, atMs, from),
      failed: () => {},
      // Updates that only the dead node lacked are complete now.
      ended: () => {
        for (const update of this.#updates.values()) this.#check(update)
      }
    }
  }

  /** Returns the followed updates that have spread further since the last call. */
  takeSpreads(): Spread[] {
    const spreads = [...this.#news].filter(({ submittedAtMs }) => submittedAtMs !== undefined)
    for (const update of spreads) this.#news.delete(update)
    return spreads.map((update) => this.#spreadOf(update))
  }

  /** Returns the times to all nodes since the last call. */
  takeTimes(): readonly (readonly [number, number])[] {
    const times = this.#unreported === 0 ? [] : this.#times.slice(-this.#unreported)
    this.#unreported = 0
    return times
  }

  /** Discards pending events, so that only later ones are sent. */
  forgetNews(): void {
    this.#news.clear()
    this.#unreported = 0
  }

  /** The recorded past, for a page that has just opened. */
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
    const update = this.#updateOf(content)
    update.origin = number
    update.submittedAtMs = atMs
    if (atMs >= this.#followAtMs) update.followed = true
    if (update.followed) {
      this.#followAtMs = atMs + FOLLOW_EVERY_MS
      this.#lastFollowed = update
      this.#news.add(update)
    }
    this.#check(update)
  }

  #delivered(number: number, content: string, atMs: number, from: number | undefined): void {
    const update = this.#updateOf(content)
    if (update.arrivals.has(number)) return
    update.arrivals.set(number, { from, atMs })
    if (update.followed) this.#news.add(update)
    this.#check(update)
  }

  #updateOf(content: string): TrackedUpdate {
    const existing = this.#updates.get(content)
    if (existing !== undefined) return existing
    if (this.#updates.size >= MAX_UPDATES) this.#forgetOldest()
    const update: TrackedUpdate = {
      id: this.#count++,
      text: content.slice(0, MAX_TEXT_LENGTH),
      origin: -1,
      submittedAtMs: undefined,
      arrivals: new Map(),
      complete: false,
      followed: false
    }
    this.#updates.set(content, update)
    return update
  }

  #forgetOldest(): void {
    const [content, update] = this.#updates.entries().next().value!
    this.#updates.delete(content)
    this.#news.delete(update)
  }

  #check(update: TrackedUpdate): void {
    const { arrivals, origin, submittedAtMs } = update
    if (update.complete || submittedAtMs === undefined || arrivals.size === 0) return
    const lacking = this.#group!.seats.some(({ status, number }) => {
      return status === 'up' && number !== origin && !arrivals.has(number)
    })
    if (lacking) return
    update.complete = true
    if (update.followed) this.#news.add(update)
    const lastAtMs = Math.max(...[...arrivals.values()].map(({ atMs }) => atMs))
    this.#times.push([update.id, Math.max(0, lastAtMs - submittedAtMs)])
    if (this.#times.length > MAX_TIMES) this.#times.shift()
    this.#unreported = Math.min(this.#unreported + 1, MAX_TIMES)
  }

  #spreadOf({ id, origin, text, submittedAtMs, arrivals, complete }: TrackedUpdate): Spread {
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
