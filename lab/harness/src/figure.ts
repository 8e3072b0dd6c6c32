/** Named figures: what a run measured, in base units, and the one way in which they are printed. */

export type Unit = 'count' | 'ms' | 'bytes' | 'share' | 'ratio'

/** A measured figure, or several of the same kind: those of seeds, sizes or turns, in order. */
export interface Figure extends Bounds {
  readonly name: string
  /** Undefined when it was not measured; the remark says why. Infinity is what never happened. */
  readonly value: number | readonly number[] | undefined
  readonly unit: Unit
}

/** What to hold a figure against, in its unit. */
export interface Bounds {
  /** The most that there could be. */
  readonly of?: number | readonly number[]
  /** The most that is allowed. */
  readonly limit?: number
  /** The least that is expected. */
  readonly least?: number
  readonly remark?: string | undefined
}

type Value = Figure['value']

/** How many there are, or on average. */
export function amount(name: string, value: Value, bounds: Bounds = {}): Figure {
  return { name, value, unit: 'count', ...bounds }
}

/** A time in milliseconds. */
export function duration(name: string, value: Value, bounds: Bounds = {}): Figure {
  return { name, value, unit: 'ms', ...bounds }
}

/** A size in bytes. */
export function size(name: string, value: Value, bounds: Bounds = {}): Figure {
  return { name, value, unit: 'bytes', ...bounds }
}

/** A part of a whole: 1 is all of it. */
export function percentage(name: string, value: Value, bounds: Bounds = {}): Figure {
  return { name, value, unit: 'share', ...bounds }
}

/** How many times as much as something else. */
export function ratio(name: string, value: Value, bounds: Bounds = {}): Figure {
  return { name, value, unit: 'ratio', ...bounds }
}

/** Returns a figure as text: `slowest update 153 ms, limit 1.54 s`. */
export function textOfFigure({ name, value, unit, of, limit, least, remark }: Figure): string {
  const text = (values: Exclude<Value, undefined>): string =>
    [values]
      .flat()
      .map((each) => textOfValue(each, unit))
      .join('/')
  return [
    name,
    ...(value === undefined ? [] : [` ${text(value)}`]),
    ...(of === undefined ? [] : [` of ${text(of)}`]),
    ...(limit === undefined ? [] : [`, limit ${text(limit)}`]),
    ...(least === undefined ? [] : [`, at least ${text(least)}`]),
    ...(remark === undefined ? [] : [` (${remark})`])
  ].join('')
}

const KIB = 1024
const MIB = 1024 * KIB

function textOfValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '-'
  if (value === Infinity) return 'never'
  switch (unit) {
    case 'count':
      return Number.isInteger(value) ? String(value) : rounded(value)
    case 'ms':
      return value < 1000 ? `${rounded(value)} ms` : `${rounded(value / 1000)} s`
    case 'bytes':
      if (Math.abs(value) < KIB) return `${rounded(value)} B`
      return Math.abs(value) < MIB ? `${rounded(value / KIB)} KiB` : `${rounded(value / MIB)} MiB`
    case 'share':
      return `${rounded(100 * value)} %`
    case 'ratio':
      return rounded(value)
  }
}

/** Returns a number with three digits, or all before its point. */
function rounded(value: number): string {
  return Math.abs(value) < 1000 ? String(Number(value.toPrecision(3))) : value.toFixed(0)
}
