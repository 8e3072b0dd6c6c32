/** The process of one row: runs it, and checks what it leaves open. Started by `run-row.ts`. */

import { setTimeout as delay } from 'node:timers/promises'
import { collectGarbage, liveBytes } from '@rumormill/harness/process-usage'
import type { RowReport } from './line.ts'
import type { RowOptions, RowResult, Skip } from './row.ts'
import { rows } from './rows.ts'

/** How long closed handles may take to disappear. */
const SETTLE_MS = 3000

export interface Order extends RowOptions {
  readonly row: number
}

const unhandled: string[] = []
process.on('unhandledRejection', (reason) => void unhandled.push(String(reason)))
process.on('uncaughtException', (error) => void unhandled.push(String(error)))

process.once('message', (order) => void perform(order as Order))

async function perform(order: Order): Promise<void> {
  const row = rows.find(({ number }) => number === order.row)!
  const heapBytes = await collectedHeapBytes()
  // Opens both streams now: otherwise a warning in the middle of the row would, and count as a leak.
  for (const stream of [process.stdout, process.stderr]) stream.write('')
  const before = process.getActiveResourcesInfo()
  const result = await attempt(async () => row.run(order))
  const leakedHandles = await leftSince(before)
  const report: RowReport = {
    result,
    unhandled,
    leakedHandles,
    heapLeftBytes: (await collectedHeapBytes()) - heapBytes
  }
  process.send!(report, () => process.exit(0))
}

async function attempt(
  run: () => Promise<RowResult | Skip>
): Promise<RowResult | Skip | undefined> {
  try {
    return await run()
  } catch (error) {
    unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return undefined
  }
}

/** Returns the handles that are active now and were not before, after a while for closing ones. */
async function leftSince(before: readonly string[]): Promise<string[]> {
  const endMs = performance.now() + SETTLE_MS
  for (;;) {
    const left = process.getActiveResourcesInfo().filter((name) => name !== 'Immediate')
    for (const name of before) {
      const index = left.indexOf(name)
      if (index >= 0) left.splice(index, 1)
    }
    if (left.length === 0 || performance.now() > endMs) return left
    await delay(20)
  }
}

async function collectedHeapBytes(): Promise<number> {
  for (let pass = 0; pass < 3; pass++) {
    collectGarbage()
    // Closed handles release their memory in a later turn of the event loop.
    await delay(50)
  }
  return liveBytes()
}
