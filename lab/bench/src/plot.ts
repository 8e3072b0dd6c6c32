/** Draws bar charts as SVG: a title, and for each figure a name, a bar and its value. For light and dark color schemes. */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export interface Bar {
  /** The name, which must be unique in a chart. */
  readonly name: string
  readonly value: number
  /** The text after the bar. */
  readonly text: string
  readonly tone: 'ours' | 'other' | 'bad'
}

export interface BarChart {
  readonly title: string
  /** The bars from top to bottom; values must be above 0. */
  readonly bars: readonly Bar[]
  /** The value at which bars begin, and its name. With it the scale is logarithmic, and smaller values extend to the left. */
  readonly base?: { readonly value: number; readonly name: string }
}

const WIDTH = 760
const NAME_WIDTH = 250
const TEXT_WIDTH = 110
const ROW_HEIGHT = 22
const HEAD_HEIGHT = 52
/** Extends both ends of a bar, so that one with the value of its base is visible. */
const BAR_INSET = -0.5

const STYLE = [
  '.plot{--page:#fff;--text:#1f2328;--quiet:#59636e;--ours:#1f6feb;--other:#8c959f;--bad:#cf222e;',
  'font:13px system-ui,sans-serif;background:var(--page);color:var(--text)}',
  '@media(prefers-color-scheme:dark){.plot{--page:#0d1117;--text:#f0f6fc;--quiet:#9198a1;--ours:#4493f8;--other:#656c76;--bad:#f85149}}'
].join('')

/** Returns the text of an SVG file. */
export function barChart({ title, bars, base }: BarChart): string {
  const { document } = parseHTML('<html><body></body></html>')
  const svg = Plot.plot({
    document,
    className: 'plot',
    width: WIDTH,
    height: HEAD_HEIGHT + bars.length * ROW_HEIGHT + 12,
    marginTop: HEAD_HEIGHT,
    marginBottom: 12,
    marginLeft: NAME_WIDTH,
    marginRight: TEXT_WIDTH,
    x: { axis: null, type: base === undefined ? 'linear' : 'log' },
    y: { domain: bars.map(({ name }) => name), label: null, tickSize: 0, padding: 0.3 },
    color: { type: 'identity' },
    marks: [
      ...barMarks(bars, base?.value ?? 0),
      titleMark(title),
      ...(base === undefined ? [] : baseMarks(base))
    ]
  })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('role', 'img')
  svg.append(element('title', title), element('style', STYLE))
  return `${svg.outerHTML}\n`

  function element(name: string, text: string): Element {
    const child = document.createElementNS('http://www.w3.org/2000/svg', name)
    child.textContent = text
    return child
  }
}

/** Returns the bars, which begin at `start`, and their texts. */
function barMarks(bars: readonly Bar[], start: number): Plot.Markish[] {
  return [
    Plot.barX(bars, {
      x1: start,
      x2: 'value',
      y: 'name',
      fill: ({ tone }: Bar) => `var(--${tone})`,
      className: 'bars',
      rx: 2,
      insetLeft: BAR_INSET,
      insetRight: BAR_INSET
    }),
    Plot.text(bars, {
      x: ({ value }: Bar) => Math.max(value, start),
      y: 'name',
      text: 'text',
      dx: 6,
      textAnchor: 'start',
      fill: 'var(--quiet)'
    })
  ]
}

function titleMark(title: string): Plot.Markish {
  return Plot.text([title], {
    frameAnchor: 'top-left',
    dx: 12 - NAME_WIDTH,
    dy: 12 - HEAD_HEIGHT,
    fontSize: 15,
    fontWeight: 600
  })
}

/** Returns the line at which bars begin, and its name. */
function baseMarks({ value, name }: NonNullable<BarChart['base']>): Plot.Markish[] {
  return [
    Plot.ruleX([value], { stroke: 'var(--quiet)' }),
    Plot.text([name], { x: [value], frameAnchor: 'top', dy: -12, fill: 'var(--quiet)' })
  ]
}
