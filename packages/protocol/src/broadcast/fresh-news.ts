/** What has become news here and was not spread yet: of one turn or, while there are no neighbours, of the last seconds. */

import type { News } from './bundles.ts'

/** How long news waits for neighbours, as after a start; of what is older, rounds tell. */
const MAX_WAITING_MS = 2000

/** How much may wait for neighbours; of more, rounds tell. */
const MAX_WAITING = 4096

export class FreshNews {
  /** Of how many bytes of news contents are kept, to be handed on: of more, all is announced, by digest. */
  readonly #maxBytes: number
  #news: News[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** When the first of it came; Infinity when there is none. */
  get sinceMs(): number {
    return this.#news[0]?.atMs ?? Infinity
  }

  /** `isWaiting` while there is nobody to tell. */
  add(news: News, isWaiting: boolean): void {
    if (isWaiting) this.#forgetOld(news.atMs)
    this.#news.push(news)
    if (isWaiting && this.#news.length > MAX_WAITING) this.#bytes -= this.#news.shift()!.bytes
    const wasMuch = this.#bytes > this.#maxBytes
    this.#bytes += news.bytes
    if (this.#bytes > this.#maxBytes)
      for (const each of wasMuch ? [news] : this.#news) each.update = undefined
  }

  /** All of it. Contents are there only if all of them together are few bytes. */
  take(nowMs: number): readonly News[] {
    this.#forgetOld(nowMs)
    const news = this.#news
    this.#news = []
    this.#bytes = 0
    return news
  }

  #forgetOld(nowMs: number): void {
    let old = 0
    for (; old < this.#news.length && nowMs - this.#news[old]!.atMs > MAX_WAITING_MS; old++)
      this.#bytes -= this.#news[old]!.bytes
    if (old > 0) this.#news.splice(0, old)
  }
}
