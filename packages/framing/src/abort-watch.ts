/** One listener for each signal, however many lanes wait under it: platforms warn of a leak beyond ten. */

/** Someone who wants to know when a signal aborts. */
export interface AbortWatcher {
  aborted(signal: AbortSignal): void
}

export class AbortWatch {
  readonly #watched = new Map<AbortSignal, { readonly watchers: Set<AbortWatcher>, readonly listener: () => void }>()

  /** `watcher` is told once when `signal` aborts, unless it is removed before. */
  add(signal: AbortSignal, watcher: AbortWatcher): void {
    let watched = this.#watched.get(signal)
    if (watched === undefined) {
      watched = { watchers: new Set(), listener: () => this.#abort(signal) }
      this.#watched.set(signal, watched)
      signal.addEventListener('abort', watched.listener)
    }
    watched.watchers.add(watcher)
  }

  remove(signal: AbortSignal, watcher: AbortWatcher): void {
    const watched = this.#watched.get(signal)
    if (watched === undefined || !watched.watchers.delete(watcher) || watched.watchers.size > 0) return
    this.#watched.delete(signal)
    signal.removeEventListener('abort', watched.listener)
  }

  #abort(signal: AbortSignal): void {
    const { watchers, listener } = this.#watched.get(signal)!
    this.#watched.delete(signal)
    signal.removeEventListener('abort', listener)
    for (const watcher of watchers) watcher.aborted(signal)
  }
}
