/** The live charts: the time of updates to all nodes, and the copies per delivery. */

import uPlot from 'uplot'
import type { Theme } from './theme.ts'

const HEIGHT_PX = 130
const MAX_POINTS = 200
// The library declares the value as a const enum, which only the TypeScript compiler could inline.
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment
const LOGARITHMIC = 3 as uPlot.Scale.Distr

export interface ChartOptions {
  /** The unit of the horizontal axis. */
  readonly across: string
  /** Whether the scale is logarithmic, to show milliseconds beside the seconds of a cut. */
  readonly logarithmic: boolean
  readonly format: (value: number) => string
}

/** A line chart with a limited number of points; the oldest are removed. */
export class LiveChart {
  readonly #element: HTMLElement
  readonly #options: ChartOptions
  readonly #x: number[] = []
  readonly #y: number[] = []
  #plot: uPlot | undefined
  #theme: Theme

  constructor(element: HTMLElement, options: ChartOptions, theme: Theme) {
    this.#element = element
    this.#options = options
    this.#theme = theme
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(element)
    this.#draw()
  }

  get last(): number | undefined {
    return this.#y.at(-1)
  }

  add(points: readonly (readonly [x: number, y: number])[]): void {
    for (const [x, y] of points) {
      this.#x.push(x)
      this.#y.push(y)
    }
    this.#x.splice(0, this.#x.length - MAX_POINTS)
    this.#y.splice(0, this.#y.length - MAX_POINTS)
    this.#plot?.setData([this.#x, this.#y])
  }

  clear(): void {
    this.#x.length = 0
    this.#y.length = 0
    this.add([])
  }

  recolour(theme: Theme): void {
    this.#theme = theme
    this.#draw()
  }

  #size(): { width: number; height: number } {
    return { width: this.#element.clientWidth, height: HEIGHT_PX }
  }

  #draw(): void {
    this.#plot?.destroy()
    const { accent, quiet, grid } = this.#theme
    const { across, logarithmic, format } = this.#options
    const axis = {
      stroke: quiet,
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif'
    }
    this.#plot = new uPlot(
      {
        ...this.#size(),
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false },
          y: logarithmic ? { distr: LOGARITHMIC, range: logRange } : { range: wideRange }
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 22,
            gap: 2,
            space: 60,
            values: (_plot, ticks) => ticks.map((tick) => `${tick}${across}`)
          },
          {
            ...axis,
            grid: { ...axis.grid, ...(logarithmic ? { filter: decadesOnly } : {}) },
            size: 52,
            gap: 8,
            space: 26,
            values: (_plot, ticks) =>
              ticks.map((tick) => (isWhole(tick, logarithmic) ? format(tick) : ''))
          }
        ],
        series: [
          {},
          { stroke: accent, paths: () => null, points: { show: true, size: 4, fill: accent } }
        ]
      },
      [this.#x, this.#y],
      this.#element
    )
  }
}

/** Labels only whole powers of ten on a logarithmic scale. */
function decadesOnly(_plot: uPlot, splits: number[]): (number | null)[] {
  return splits.map((split) => (isWhole(split, true) ? split : null))
}

function isWhole(tick: number | null, logarithmic: boolean): tick is number {
  return tick !== null && (!logarithmic || Number.isInteger(Math.log10(tick)))
}

/** Returns the range of whole powers of ten around the data. */
function logRange(_plot: uPlot, low: number | null, high: number | null): [number, number] {
  const from = 10 ** Math.floor(Math.log10(Math.max(0.1, low ?? 1)))
  const to = 10 ** Math.ceil(Math.log10(Math.max(1, high ?? 10)))
  return [from, Math.max(to, from * 10)]
}

/** Returns the range from 1, the lowest possible value, to the highest value. */
function wideRange(_plot: uPlot, _low: number | null, high: number | null): [number, number] {
  return [1, Math.max(2, Math.ceil((high ?? 1) * 2) / 2)]
}
