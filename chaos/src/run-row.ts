/** Runs a row in a process of its own, so that what one leaves behind is not laid to another. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Row, RowOptions } from './row.ts'
import type { Order } from './row-process.ts'
import { lineOf, type Line, type RowReport } from './verdict.ts'

/** Far beyond the slowest row, the soak excepted, which is given its minutes on top. */
const MAX_ROW_MS = 15 * 60_000

export async function runRow(row: Row, options: RowOptions): Promise<Line> {
  const startMs = performance.now()
  const script = fileURLToPath(new URL('./row-process.js', import.meta.url))
  const child = fork(script, [], { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let report: RowReport | undefined
  child.once('message', (message) => { report = message as RowReport })
  const alarm = setTimeout(() => child.kill('SIGKILL'), MAX_ROW_MS + options.minutes * 60_000)
  child.send({ ...options, row: row.number } satisfies Order)
  await once(child, 'exit')
  clearTimeout(alarm)
  return lineOf(row, options.seed, (performance.now() - startMs) / 1000, report)
}
