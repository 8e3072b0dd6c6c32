/** One timer for the deadlines of all connections of a transport. */

/** Calls `check` once a period until the returned function is called. Does not keep the process alive. */
export function startSweep(periodMs: number, check: (nowMs: number) => void): () => void {
  let lastMs = performance.now()
  const timer: unknown = setInterval(() => {
    const nowMs = performance.now()
    // After a suspended process or a blocked event loop one check is skipped, so that arrived bytes are read first.
    const slept = nowMs - lastMs > 4 * periodMs
    lastMs = nowMs
    if (!slept) check(nowMs)
  }, periodMs)
  // In browsers the timer is a number and does not need `unref`.
  if (typeof timer === 'object') (timer as { unref(): void }).unref()
  return () => clearInterval(timer as number)
}
