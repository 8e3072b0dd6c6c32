/** Defaults that a page states: `option` (10), `option` (default 1 MiB), and tables with a column "default". */

import { proseOf, inlineCode, tables } from './inline-code.ts'
import { defaultsOf } from './options.ts'

/** A number with its unit. */
const AMOUNT = String.raw`(?:a day|\d[\d,.]*(?: ?(?:KiB|MiB|GiB|bytes|ms|s|min|h|%))?)`

const UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  bytes: 1,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  '%': 0.01
}

const DAY_MS = 86_400_000

/** What the page says of defaults that is not so, or that cannot be compared. */
export function faultsOfDefaults(text: string, page: string): string[] {
  const prose = proseOf(text)
  return [
    ...statements(prose).flatMap(({ option, amount }) => faultOf(option, amount, page)),
    ...faultsOfTables(prose, page),
    ...unchecked(prose, page)
  ]
}

/** How many defaults the page states. */
export function countDefaults(text: string, page: string): number {
  const prose = proseOf(text)
  const stated = statements(prose).filter(({ option }) => defaultsOf(option, page).length > 0)
  return stated.length + rowsWithDefaults(prose, page).length
}

interface Statement {
  readonly option: string
  readonly amount: string
}

/** "`option` (10)", "`option` (default 10; the rest waits)", "`option`, 10 by default". */
function statements(prose: string): Statement[] {
  const forms = [
    new RegExp(String.raw`\`([\w.]+)\` \((?:default )?(${AMOUNT})[),;]`, 'g'),
    new RegExp(String.raw`\`([\w.]+)\`,? (${AMOUNT}) by default`, 'g')
  ]
  return forms.flatMap((form) =>
    [...prose.matchAll(form)].map(([, option, amount]) => ({ option: option!, amount: amount! }))
  )
}

function faultOf(option: string, amount: string, page: string): string[] {
  const defaults = defaultsOf(option, page)
  // What is no option has no default: "`lan` (default)".
  if (defaults.length === 0 || defaults.some((value) => value === amountOf(amount, option)))
    return []
  return [`${option} (${amount}), which is ${defaults.join(' or ')}`]
}

/** The value that is meant, in the unit of the option; NaN when the unit cannot be one of it. */
function amountOf(amount: string, option: string): number {
  if (amount === 'a day') return option.endsWith('Ms') ? DAY_MS : Number.NaN
  const [, digits, unit] = /^(\d[\d,.]*?)(?: ?([A-Za-z%]+))?$/.exec(amount) ?? []
  if (digits === undefined || (unit !== undefined && !(unit in UNITS))) return Number.NaN
  const isTime = ['ms', 's', 'min', 'h'].includes(unit ?? '')
  if (unit !== undefined && unit !== '%' && isTime !== option.endsWith('Ms')) return Number.NaN
  return Number(digits.replaceAll(',', '')) * (unit === undefined ? 1 : UNITS[unit]!)
}

interface Row {
  readonly options: readonly string[]
  readonly amounts: readonly string[]
}

/** Rows with options beside a cell under "default": as many amounts as options, in the same order. */
function rowsWithDefaults(prose: string, page: string): Row[] {
  return tables(prose).flatMap(({ header, rows }) => {
    const column = header.findIndex((cell) => cell.toLowerCase() === 'default')
    if (column < 0) return []
    return rows.flatMap((row) => {
      const others = row.filter((_, index) => index !== column)
      const options = others.map((cell) => optionsIn(cell, page)).find((some) => some.length > 0)
      return options === undefined ? [] : [{ options, amounts: row[column]!.split(', ') }]
    })
  })
}

function optionsIn(cell: string, page: string): string[] {
  return inlineCode(cell).filter((code) => defaultsOf(code, page).length > 0)
}

function faultsOfTables(prose: string, page: string): string[] {
  return rowsWithDefaults(prose, page).flatMap(({ options, amounts }) =>
    options.length === amounts.length
      ? options.flatMap((option, index) => faultOf(option, amounts[index]!, page))
      : [`${options.join(', ')}: ${amounts.join(', ')}, which are not as many`]
  )
}

/** An amount before its option, or beside it without a mark, which nothing compares. */
function unchecked(prose: string, page: string): string[] {
  const forms = [
    new RegExp(String.raw`(?<![\w\`])(${AMOUNT})[^\`.|;()]*\(\`([\w.]+)\`\)`, 'g'),
    new RegExp(String.raw`(?<![\w\`])(${AMOUNT}) \`([\w.]+)\``, 'g')
  ]
  const before = forms.flatMap((form) => [...prose.matchAll(form)].map(([, , option]) => option!))
  const after = [...prose.matchAll(new RegExp(String.raw`\`([\w.]+)\` \d`, 'g'))].map(
    ([, option]) => option!
  )
  return [...before, ...after]
    .filter((option) => defaultsOf(option, page).some((value) => typeof value === 'number'))
    .map((option) => `say \`${option}\` (default), so that it is compared`)
}
