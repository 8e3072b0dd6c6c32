/** Draws a plot as SVG: our curves as lines, the paper's points as circles of the same color. */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

/** A curve of a plot, such as that of one protocol. */
export interface Curve {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface CurvePlot {
  /** Also the name of its file. */
  readonly id: string
  readonly title: string
  readonly x: string
  readonly y: string
  readonly logX?: boolean
  readonly logY?: boolean
  readonly ours: readonly Curve[]
  /** The points of a paper, under the same names. */
  readonly paper: readonly Curve[]
}

const COLOURS = ['#4269d0', '#d1495b', '#3c8a4e', '#9b59b6', '#c77d0a', '#17a2a2', '#555555']
const WIDTH = 720
const HEIGHT = 400
const LEGEND_WIDTH = 140

interface Point {
  readonly name: string
  readonly x: number
  readonly y: number
}

/** Returns the plot as the text of an SVG file. */
export function svgOf(plot: CurvePlot): string {
  const { document } = parseHTML('<html><body></body></html>')
  const names = [...new Set([...plot.ours, ...plot.paper].map(({ name }) => name))]
  const shown = ({ y }: Point): boolean => plot.logY !== true || y > 0
  const channels = { x: 'x', y: 'y', stroke: 'name' } as const
  const svg = Plot.plot({
    document: document,
    className: 'plot',
    width: WIDTH,
    height: HEIGHT,
    marginRight: LEGEND_WIDTH,
    marginLeft: 50,
    style: { background: 'white', color: 'black', fontSize: '12px' },
    x: { label: plot.x, type: plot.logX === true ? 'log' : 'linear', grid: true },
    y: {
      label: plot.y,
      grid: true,
      ...(plot.logY === true ? ({ type: 'log', tickFormat: '~g' } as const) : {})
    },
    color: { domain: names, range: COLOURS },
    marks: [
      Plot.line(pointsOf(plot.ours).filter(shown), { ...channels, z: 'name', strokeWidth: 1.5 }),
      Plot.dot(pointsOf(plot.paper).filter(shown), { ...channels, r: 4, strokeWidth: 1.5 })
    ]
  })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', plot.title)
  svg.append(legend(document, names, plot.paper.length > 0))
  return `${svg.outerHTML}\n`
}

function pointsOf(curves: readonly Curve[]): Point[] {
  return curves.flatMap(({ name, points }) => points.map(([x, y]) => ({ name, x, y })))
}

/** Returns a legend beside the plot, because the legends of the library are HTML. */
function legend(document: Document, names: readonly string[], hasPaper: boolean): Element {
  const group = document.createElementNS('http://www.w3.org/2000/svg', 'g')
  const key = hasPaper ? ['line: ours', 'circle: paper'] : []
  const lines = [...names, ...key].map(
    (name, index) => [name, index < names.length ? COLOURS[index]! : '#000'] as const
  )
  lines.forEach(([name, colour], index) => {
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text')
    text.setAttribute('x', String(WIDTH - LEGEND_WIDTH + 12))
    text.setAttribute('y', String(40 + 18 * index))
    text.setAttribute('fill', colour)
    text.setAttribute('text-anchor', 'start')
    text.textContent = name
    group.append(text)
  })
  return group
}
