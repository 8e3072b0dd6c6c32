/** Waiting for what happens over real sockets. */

import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 60_000
const STEP_MS = 10

/** Resolves once `holds`; rejects when that takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not in time: ${what}`)
    await delay(STEP_MS)
  }
}
