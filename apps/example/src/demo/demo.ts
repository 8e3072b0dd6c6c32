/** The demo: a group on this machine is fed with the lines of a file, and every arrival is counted. */
import { constants } from 'node:os'
import { TIME_IS_UP, withDeadline } from '../deadline.ts'
import type { GroupListener } from './group.ts'
import { makePlan, type PlanOptions } from './plan.ts'
import { Run, type RunOptions } from './run.ts'
import { createScreen, type Screen } from './screen.ts'

export interface DemoOptions extends RunOptions, PlanOptions {
  /** Milliseconds. */
  readonly timeout: number
  readonly json: boolean
}

/** Runs the demo; the exit code is 0 when every update reached every other node exactly once. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const plan = await makePlan(options)
  const screen = createScreen(options.json)
  const run = new Run(options, plan, complaintsOn(screen))
  let ok: boolean
  try {
    ok = await perform(run, screen, withDeadline(signal, options.timeout))
  } finally {
    await run.stop()
  }
  if (signal.aborted) return 128 + constants.signals[signal.reason as NodeJS.Signals]
  return ok ? 0 : 1
}

/** Carries the plan out and tells of it; true when nothing was lost, and nothing came twice. */
async function perform(run: Run, screen: Screen, ending: AbortSignal): Promise<boolean> {
  const ticker = setInterval(() => screen.progress(run.progress), screen.intervalMs)
  try {
    await run.feed(ending)
  } catch (error) {
    // Time is up, or a signal came: the summary says how far it got.
    if (!ending.aborted) throw error
    screen.note(ending.reason === TIME_IS_UP ? `${TIME_IS_UP} (--timeout)` : `ended by ${ending.reason}`)
  } finally {
    clearInterval(ticker)
  }
  screen.progress(run.progress)
  const { summary } = run
  screen.summary(summary)
  return summary.lost === 0 && summary.duplicates === 0
}

function complaintsOn(screen: Screen): GroupListener {
  return {
    connected: () => {},
    submitted: () => {},
    delivered: () => {},
    failed: ({ number }, reason) => screen.note(`node ${number}: ${reason}`),
    ended: ({ number }, reason) => screen.note(`node ${number}: ${reason}`)
  }
}
