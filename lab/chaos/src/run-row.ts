/** Runs a row in its own process, so that a leak is attributed to the right row. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { FAULT_VARIABLE } from './faults.ts'
import { lineOf, type Line, type RowReport } from './line.ts'
import type { Order } from './row-process.ts'
import type { Row, RowOptions } from './row.ts'

/** Much more than the slowest row needs. The minutes of the soak are added. */
const MAX_ROW_MS = 15 * 60_000

/** The limit with a fault, which may cause an endless loop; rows are short then. */
const MAX_FAULTY_MS = 120_000

/** Runs `row`; with `fault`, on an engine with that fault. */
export async function runRow(row: Row, options: RowOptions, fault?: number): Promise<Line> {
  const startMs = performance.now()
  const script = fileURLToPath(new URL('./row-process.js', import.meta.url))
  const child = fork(script, [], {
    // Forks inherit these arguments, so the processes of a row have its fault, too.
    execArgv:
      fault === undefined ? [] : ['--import', new URL('./with-fault.js', import.meta.url).href],
    env: fault === undefined ? process.env : { ...process.env, [FAULT_VARIABLE]: String(fault) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // JSON has no Infinity, which is a figure of what never happened.
    serialization: 'advanced'
  })
  let report: RowReport | undefined
  child.once('message', (message) => {
    report = message as RowReport
  })
  const limitMs = fault === undefined ? MAX_ROW_MS + options.minutes * 60_000 : MAX_FAULTY_MS
  const alarm = setTimeout(() => child.kill('SIGKILL'), limitMs)
  child.send({ ...options, row: row.number } satisfies Order)
  await once(child, 'exit')
  clearTimeout(alarm)
  return lineOf(row, options.seed, (performance.now() - startMs) / 1000, report)
}
