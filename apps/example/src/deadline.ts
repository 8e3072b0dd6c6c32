/** A signal that also aborts when time is up. */

/** Why a {@link withDeadline} signal aborted by itself. */
export const TIME_IS_UP = 'time is up'

/**
 * Aborts as `signal` does, or after `ms` with {@link TIME_IS_UP}. `AbortSignal.any` with `AbortSignal.timeout` would
 * say the same, but Node 20 may collect the timeout before it fires.
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
