/** The output of the demo: one line that is redrawn on a terminal, lines at intervals elsewhere, or JSON. */

import type { Summary } from './tally.ts'

/** The progress of a demo. */
export interface Progress {
  readonly nodes: number
  readonly connected: number
  readonly updates: number
  readonly submitted: number
  readonly expected: number
  readonly delivered: number
  readonly elapsedMs: number
}

export interface Screen {
  /** The interval of progress updates. */
  readonly intervalMs: number
  progress(progress: Progress): void
  /** Shows a message that is not part of the result. */
  note(text: string): void
  summary(summary: Summary): void
  /** Shows the address of the live page. */
  page(url: string): void
}

export function createScreen(json: boolean): Screen {
  if (json) return jsonScreen()
  return process.stdout.isTTY ? terminalScreen() : plainScreen()
}

function jsonScreen(): Screen {
  const print = (what: object): void => {
    process.stdout.write(`${JSON.stringify(what)}\n`)
  }
  return {
    intervalMs: 500,
    progress: (progress) =>
      print({ type: 'progress', ...progress, elapsedMs: Math.round(progress.elapsedMs) }),
    note: printNote,
    summary: print,
    // Not a JSON object, because readers of the output do not expect one.
    page: (url) => printNote(pageLine(url))
  }
}

function plainScreen(): Screen {
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }
  return {
    intervalMs: 1000,
    progress: (progress) => print(progressLine(progress)),
    note: printNote,
    summary: (summary) => print(summaryLine(summary)),
    page: (url) => print(pageLine(url))
  }
}

function terminalScreen(): Screen {
  const clear = '\r\u001B[K'
  let line = ''
  return {
    intervalMs: 100,
    progress(progress) {
      // Cuts the line, because a wrapped one could not be redrawn.
      line = progressLine(progress).slice(0, process.stdout.columns - 1)
      process.stdout.write(clear + line)
    },
    note(text) {
      process.stdout.write(clear)
      printNote(text)
      process.stdout.write(line)
    },
    summary(summary) {
      process.stdout.write(`${clear}${line}\n${summaryLine(summary)}\n`)
      line = ''
    },
    page: (url) => {
      process.stdout.write(`${pageLine(url)}\n`)
    }
  }
}

function printNote(text: string): void {
  process.stderr.write(`${text}\n`)
}

function pageLine(url: string): string {
  return `live page: ${url}`
}

function progressLine({
  nodes,
  connected,
  updates,
  submitted,
  expected,
  delivered,
  elapsedMs
}: Progress): string {
  const elapsed = `${(elapsedMs / 1000).toFixed(1)} s`
  return (
    `${connected}/${nodes} nodes connected, ${submitted}/${updates} updates submitted, ` +
    `${delivered}/${expected} delivered, ${elapsed}`
  )
}

function summaryLine({ delivered, expected, lost, duplicates, p50Ms, p99Ms }: Summary): string {
  const arrived = `delivered ${delivered}/${expected}, lost ${lost}, duplicates ${duplicates}`
  return `${arrived}, p50 ${p50Ms ?? '-'} ms, p99 ${p99Ms ?? '-'} ms`
}
