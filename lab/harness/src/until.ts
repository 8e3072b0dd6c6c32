/** Waiting for a condition. */

import { setTimeout as delay } from 'node:timers/promises'

/** Waits until `holds` returns true, at most `timeoutMs`. Returns whether it did. */
export async function until(
  holds: () => boolean,
  timeoutMs: number,
  everyMs: number = 10
): Promise<boolean> {
  const endMs = performance.now() + timeoutMs
  for (; performance.now() < endMs; await delay(everyMs)) if (holds()) return true
  return holds()
}
