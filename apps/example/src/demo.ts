/** The demo: submits the lines of a file to a group on this machine, and counts every delivery. */

import { constants } from 'node:os'
import { siteUrl } from '@rumormill/page'
import { describe, UsageError } from './complaints.ts'
import { TIME_IS_UP, withDeadline } from './deadline.ts'
import type { GroupListener } from './demo/group.ts'
import { makePlan, type PlanOptions } from './demo/plan.ts'
import type { Run, RunOptions } from './demo/run.ts'
import { createScreen, type Screen } from './demo/screen.ts'
import { PageController } from './page/page-controller.ts'
import { servePage, type PageServer } from './page/server.ts'

export interface DemoOptions extends RunOptions, PlanOptions {
  /** The time limit, in milliseconds. */
  readonly timeout: number
  readonly json: boolean
  /** Whether there is a live page. */
  readonly page: boolean
  /** The port of the live page; undefined: the default port, or any free one. */
  readonly port?: number | undefined
  /** Whether it stays open after the summary: always, never, or (neither) only on a terminal. */
  readonly serve: boolean
  readonly once: boolean
}

/** The reason of the signal when the reader of the output has closed it. */
const READER_GONE: NodeJS.Signals = 'SIGPIPE'

/** The default port: RUMO on a telephone keypad. */
const USUAL_PORT = 7866

/** Runs the demo; the exit code is 0 when every update reached every other node exactly once. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const plan = await makePlan(options)
  const screen = createScreen(options.json)
  const controller = new PageController({ ...options, note: (text) => screen.note(text) })
  const page = options.page ? await openPage(controller, options, screen) : undefined
  let ok: boolean
  try {
    const run = controller.present(options, plan, complaintsOn(screen))
    ok = await perform(run, screen, withDeadline(signal, options.timeout))
    if (page !== undefined && staysOpen(options) && !signal.aborted) {
      screen.note(`${page.url} stays open until Ctrl-C`)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
  } finally {
    await Promise.all([page?.close(), controller.close()])
  }
  // The reader has closed the output, as `head` does, which is not a failure.
  if (signal.reason === READER_GONE) return 0
  if (signal.aborted) return 128 + constants.signals[signal.reason as NodeJS.Signals]
  return ok ? 0 : 1
}

async function openPage(
  controller: PageController,
  { port }: DemoOptions,
  screen: Screen
): Promise<PageServer> {
  try {
    const page = await servePage(controller, {
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

/** Runs the plan and shows its progress; resolves with whether nothing was lost or delivered twice. */
async function perform(run: Run, screen: Screen, ending: AbortSignal): Promise<boolean> {
  const ticker = setInterval(() => screen.progress(run.progress), screen.intervalMs)
  try {
    await run.feed(ending)
  } catch (error) {
    // After a timeout or a signal, the summary shows the partial result.
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
