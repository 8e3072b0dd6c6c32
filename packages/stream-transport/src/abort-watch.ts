/** Shares one listener per abort signal among all connections: platforms warn of a leak beyond ten listeners. */

/** The callback of {@link AbortWatch}. */
export interface AbortWatcher {
  aborted(signal: AbortSignal): void
}

export class AbortWatch {
  readonly #watchers = new WeakMap<AbortSignal, Set<AbortWatcher>>()

  /**
   * Calls `watcher.aborted` once when `signal` aborts, unless the watcher is removed before. The listener stays on the signal
   * afterwards, because the same signal is usually watched again.
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
