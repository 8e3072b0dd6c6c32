/** The demo: a group on this machine is fed with the lines of a file, and every arrival is counted. */

import { constants } from 'node:os'
import { siteUrl } from '@rumormill/page'
import { describe, UsageError } from '../complaints.ts'
import { TIME_IS_UP, withDeadline } from '../deadline.ts'
import { servePage, type PageServer } from '../page/server.ts'
import { Stage } from '../page/stage.ts'
import type { GroupListener } from './group.ts'
import { makePlan, type PlanOptions } from './plan.ts'
import type { Run, RunOptions } from './run.ts'
import { createScreen, type Screen } from './screen.ts'

export interface DemoOptions extends RunOptions, PlanOptions {
  /** Milliseconds. */
  readonly timeout: number
  readonly json: boolean
  /** Whether there is a live page. */
  readonly page: boolean
  /** Where it is; undefined: the usual port, or any free one. */
  readonly port?: number | undefined
  /** Whether it is kept after the summary: always, never, or (neither) for a person at a terminal. */
  readonly serve: boolean
  readonly once: boolean
}

/** The reason of the signal when nobody reads the output any more. */
const READER_GONE: NodeJS.Signals = 'SIGPIPE'

/** RUMO on the keys of a telephone. */
const USUAL_PORT = 7866

/** Runs the demo; the exit code is 0 when every update reached every other node exactly once. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const plan = await makePlan(options)
  const screen = createScreen(options.json)
  const stage = new Stage({ ...options, note: (text) => screen.note(text) })
  const page = options.page ? await openPage(stage, options, screen) : undefined
  let ok: boolean
  try {
    const run = stage.present(options, plan, complaintsOn(screen))
    ok = await perform(run, screen, withDeadline(signal, options.timeout))
    if (page !== undefined && staysOpen(options) && !signal.aborted) {
      screen.note(`${page.url} stays open until Ctrl-C`)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
  } finally {
    await Promise.all([page?.close(), stage.close()])
  }
  // Whoever reads has seen enough, as `head` has: that is no failure.
  if (signal.reason === READER_GONE) return 0
  if (signal.aborted) return 128 + constants.signals[signal.reason as NodeJS.Signals]
  return ok ? 0 : 1
}

async function openPage(stage: Stage, { port }: DemoOptions, screen: Screen): Promise<PageServer> {
  try {
    const page = await servePage(stage, {
      site: siteUrl,
      port: port ?? USUAL_PORT,
      flexible: port === undefined
    })
    screen.page(page.url)
    return page
  } catch (error) {
    throw new UsageError(`cannot serve the live page (--port, --no-page): ${describe(error)}`)
  }
}

function staysOpen({ serve, once, json }: DemoOptions): boolean {
  return serve || (process.stdout.isTTY && !once && !json)
}

/** Carries the plan out and tells of it; true when nothing was lost, and nothing came twice. */
async function perform(run: Run, screen: Screen, ending: AbortSignal): Promise<boolean> {
  const ticker = setInterval(() => screen.progress(run.progress), screen.intervalMs)
  try {
    await run.feed(ending)
  } catch (error) {
    // Time is up, or a signal came: the summary says how far it got.
    if (!ending.aborted) throw error
    if (ending.reason === TIME_IS_UP) screen.note(`${TIME_IS_UP} (--timeout)`)
    else if (ending.reason !== READER_GONE) screen.note(`ended by ${ending.reason}`)
  } finally {
    clearInterval(ticker)
  }
  screen.progress(run.progress)
  const summary = run.summary!
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
