/** Sends events to the open pages, to each at its own speed. */

/** An event: its name, and its data as JSON. */
export interface News {
  readonly event: 'state' | 'spread' | 'times' | 'redundancy' | 'notice'
  readonly data: string
}

const MAX_VIEWERS = 16
/** The most queued events of a slow page; beyond it the oldest is dropped. */
const MAX_WAITING = 64

/** One open page. */
export class Viewer {
  readonly #waiting: News[] = []
  #wake: () => void = () => {}
  #closed = false

  /** Queues an event. A new state replaces a queued one. */
  push(news: News): void {
    const older =
      news.event === 'state' ? this.#waiting.findIndex(({ event }) => event === 'state') : -1
    if (older >= 0) this.#waiting.splice(older, 1)
    else if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift()
    this.#waiting.push(news)
    this.#wake()
  }

  /** Resolves with the next event; with undefined when the viewer has left. */
  async next(): Promise<News | undefined> {
    while (this.#waiting.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#closed ? undefined : this.#waiting.shift()
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }
}

export class Audience {
  readonly #viewers = new Set<Viewer>()

  get size(): number {
    return this.#viewers.size
  }

  /** Adds a viewer; returns undefined when there are too many. */
  join(): Viewer | undefined {
    if (this.#viewers.size >= MAX_VIEWERS) return undefined
    const viewer = new Viewer()
    this.#viewers.add(viewer)
    return viewer
  }

  leave(viewer: Viewer): void {
    viewer.close()
    this.#viewers.delete(viewer)
  }

  tell(event: News['event'], what: unknown): void {
    if (this.#viewers.size === 0) return
    const news = { event, data: JSON.stringify(what) }
    for (const viewer of this.#viewers) viewer.push(news)
  }

  close(): void {
    for (const viewer of this.#viewers) this.leave(viewer)
  }
}
