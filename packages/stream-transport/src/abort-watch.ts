/** One listener for each signal, however many connections wait under it: platforms warn of a leak beyond ten. */

/** Someone who wants to know when a signal aborts. */
export interface AbortWatcher {
  aborted(signal: AbortSignal): void
}

export class AbortWatch {
  readonly #watchers = new WeakMap<AbortSignal, Set<AbortWatcher>>()

  /**
   * `watcher` is told once when `signal` aborts, unless it is removed before. The listener stays as long as the signal: who
   * watches one watches it again and again.
   */
  add(signal: AbortSignal, watcher: AbortWatcher): void {
    const watchers = this.#watchers.get(signal)
    if (watchers === undefined) this.#listen(signal, new Set([watcher]))
    else watchers.add(watcher)
  }

  remove(signal: AbortSignal, watcher: AbortWatcher): void {
    this.#watchers.get(signal)?.delete(watcher)
  }

  #listen(signal: AbortSignal, watchers: Set<AbortWatcher>): void {
    this.#watchers.set(signal, watchers)
    signal.addEventListener(
      'abort',
      () => {
        for (const watcher of watchers) watcher.aborted(signal)
        watchers.clear()
      },
      { once: true }
    )
  }
}
