/** Abort signals with a time limit. */

/** The reason of a {@link withDeadline} signal that reached its limit. */
export const TIME_IS_UP = 'time is up'

/**
 * Returns a signal that aborts when `signal` does, or after `ms` with {@link TIME_IS_UP}. `AbortSignal.any` with
 * `AbortSignal.timeout` would do the same, but Node 20 may garbage-collect the timeout before it fires.
 */
export function withDeadline(signal: AbortSignal, ms: number): AbortSignal {
  const ending = new AbortController()
  const timer = setTimeout(() => ending.abort(TIME_IS_UP), ms)
  timer.unref()
  const onAbort = (): void => {
    clearTimeout(timer)
    ending.abort(signal.reason)
  }
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return ending.signal
}
