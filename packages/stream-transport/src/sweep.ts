/** One timer for the deadlines of all connections of a transport. */

/** Calls `check` in each period, until the returned function is called. Does not keep a process alive. */
export function startSweep(periodMs: number, check: (nowMs: number) => void): () => void {
  let lastMs = performance.now()
  const timer: unknown = setInterval(() => {
    const nowMs = performance.now()
    // Whoever slept (a stopped process, a blocked loop) must first read what came in meanwhile: one sweep is left out.
    const slept = nowMs - lastMs > 4 * periodMs
    lastMs = nowMs
    if (!slept) check(nowMs)
  }, periodMs)
  // Browsers give a number; there, nothing needs to end by itself.
  if (typeof timer === 'object') (timer as { unref(): void }).unref()
  return () => clearInterval(timer as number)
}
