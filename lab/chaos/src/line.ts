/** The final result of a row: its own result, and what its process left open. */

import { textOfFigure, type Figure } from '@rumormill/harness/figure'
import type { Mode, Row, RowResult, Skip } from './row.ts'

/** Observations of the process in which a row ran. */
export interface ProcessReport {
  readonly unhandled: readonly string[]
  /** Sockets, timers, processes and other handles that were still open after the row. */
  readonly leakedHandles: readonly string[]
  /** The growth of the heap, after garbage collection. */
  readonly heapLeftBytes: number
}

/** The message of a row's process when it is done. */
export interface RowReport extends ProcessReport {
  /** Undefined when the row threw; `unhandled` then has the error. */
  readonly result: RowResult | Skip | undefined
}

export interface Line {
  readonly row: number
  readonly name: string
  readonly mode: Mode
  readonly seed: number
  readonly load: string
  readonly faults: string
  readonly badInputs: number
  readonly lost: number
  readonly duplicates: number
  readonly unhandled: number
  readonly leakedHandles: number
  readonly heapLeftMib: number
  readonly seconds: number
  /** `missed`: everything is correct, but the protocol does not reach a goal of the list at present. */
  readonly status: 'passed' | 'failed' | 'missed' | 'skipped'
  /** The measurements. */
  readonly figures: readonly Figure[]
  /** What failed, or missed a goal, or why the row was skipped. */
  readonly note: string
}

/** The complaint about a row without a result. */
export const DIED = 'the process of the row died'

/** More heap growth than this is not explained by the code and caches of the process. */
const MAX_HEAP_LEFT_BYTES = 24 * 2 ** 20

/** Returns the line of a row that ran; `report` is undefined when its process died. */
export function lineOf(
  row: Row,
  seed: number,
  seconds: number,
  report: RowReport | undefined
): Line {
  if (report?.result !== undefined && 'skipped' in report.result)
    return skippedLine(row, seed, report.result.skipped)
  const { number, name, mode } = row
  const result = report?.result
  const misses = result?.misses ?? []
  const complaints = [
    ...(report === undefined ? [DIED] : []),
    ...(report?.unhandled.map((error) => `unhandled: ${error}`) ?? []),
    ...(report?.leakedHandles.map((handle) => `left open: ${handle}`) ?? []),
    ...((report?.heapLeftBytes ?? 0) > MAX_HEAP_LEFT_BYTES ? ['the heap has grown'] : []),
    ...(result?.complaints ?? [])
  ]
  const failed =
    complaints.length > 0 || result === undefined || result.lost > 0 || result.duplicates > 0
  return {
    row: number,
    name,
    mode,
    seed,
    load: result?.load ?? '',
    faults: result?.faults ?? '',
    badInputs: result?.badInputs ?? 0,
    lost: result?.lost ?? 0,
    duplicates: result?.duplicates ?? 0,
    unhandled: report?.unhandled.length ?? 0,
    leakedHandles: report?.leakedHandles.length ?? 0,
    heapLeftMib: Number(((report?.heapLeftBytes ?? 0) / 2 ** 20).toFixed(1)),
    seconds: Number(seconds.toFixed(1)),
    status: failed ? 'failed' : misses.length > 0 ? 'missed' : 'passed',
    figures: result?.figures ?? [],
    note: [...complaints, ...misses].join('; ')
  }
}

function skippedLine({ number, name, mode }: Row, seed: number, note: string): Line {
  return {
    row: number,
    name,
    mode,
    seed,
    load: '',
    faults: '',
    badInputs: 0,
    lost: 0,
    duplicates: 0,
    unhandled: 0,
    leakedHandles: 0,
    heapLeftMib: 0,
    seconds: 0,
    status: 'skipped',
    figures: [],
    note
  }
}

/** Formats a line for readers. */
export function textOf(line: Line): string {
  const head = `${String(line.row).padStart(2)} ${line.mode} ${line.status.padEnd(7)} ${line.name}`
  if (line.status === 'skipped') return `${head}: ${line.note}`
  const counts = `bad inputs ${line.badInputs}, lost ${line.lost}, duplicates ${line.duplicates}`
  const process = `unhandled ${line.unhandled}, handles ${line.leakedHandles}, heap +${line.heapLeftMib} MiB`
  const notes = line.note === '' ? [] : [line.note]
  const measured = [...notes, ...line.figures.map(textOfFigure)].join('; ')
  return `${head} | ${line.load} | ${line.faults} | ${counts} | ${process} | ${line.seconds} s | ${measured}`
}
