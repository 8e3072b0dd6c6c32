/** Bar charts as SVG: a title, and for each figure a name, a bar and its value. Readable in light and dark. */

export interface Bar {
  readonly name: string
  readonly value: number
  /** What stands behind the bar. */
  readonly text: string
  readonly tone: 'ours' | 'other' | 'bad'
}

export interface BarChart {
  readonly title: string
  /** In order, from top to bottom; values beyond 0. */
  readonly bars: readonly Bar[]
  /** Where bars begin, and what that means. With it the scale is logarithmic, and a smaller value goes to the left. */
  readonly base?: { readonly value: number, readonly name: string }
}

const WIDTH = 760
const NAME_WIDTH = 250
const TEXT_WIDTH = 110
const ROW_HEIGHT = 22
const HEAD_HEIGHT = 52
/** Of a bar whose value is that of its base, so that it can be seen. */
const LEAST_LENGTH = 2

const STYLE = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.quiet{fill:#59636e}',
  '.ours{fill:#1f6feb}.other{fill:#8c959f}.bad{fill:#cf222e}.page{fill:#fff}.base{stroke:#59636e}',
  '@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.quiet{fill:#9198a1}.page{fill:#0d1117}.ours{fill:#4493f8}',
  '.other{fill:#656c76}.bad{fill:#f85149}.base{stroke:#9198a1}}'
].join('')

/** The text of an SVG file. */
export function barChart({ title, bars, base }: BarChart): string {
  const height = HEAD_HEIGHT + bars.length * ROW_HEIGHT + 12
  const scale = scaleOf(bars.map(({ value }) => value), base?.value)
  const rows = bars.map(({ name, value, text, tone }, index) => {
    const top = HEAD_HEIGHT + index * ROW_HEIGHT
    const [from, to] = [scale.origin, scale.at(value)]
    const [left, right] = [Math.min(from, to), Math.max(from, to, Math.min(from, to) + LEAST_LENGTH)]
    return [
      `<text x="${NAME_WIDTH - 8}" y="${top + 14}" text-anchor="end">${escaped(name)}</text>`,
      `<rect class="${tone}" x="${rounded(left)}" y="${top + 3}" width="${rounded(right - left)}" height="${ROW_HEIGHT - 7}" rx="2"/>`,
      `<text class="quiet" x="${rounded(right + 6)}" y="${top + 14}">${escaped(text)}</text>`
    ].join('')
  })
  const line = base === undefined ? '' : [
    `<line class="base" x1="${rounded(scale.origin)}" x2="${rounded(scale.origin)}" y1="${HEAD_HEIGHT - 4}" y2="${height - 8}"/>`,
    `<text class="quiet" x="${rounded(scale.origin)}" y="${HEAD_HEIGHT - 8}" text-anchor="middle">${escaped(base.name)}</text>`
  ].join('')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title><style>${STYLE}</style><rect class="page" width="${WIDTH}" height="${height}" rx="6"/>`,
    `<text class="title" x="12" y="22">${escaped(title)}</text>`,
    ...rows, line, '</svg>', ''
  ].join('\n')
}

/** From values to places: linear from 0, or logarithmic on both sides of `base`. */
function scaleOf(values: readonly number[], base: number | undefined): { origin: number, at: (value: number) => number } {
  const room = WIDTH - NAME_WIDTH - TEXT_WIDTH
  if (base === undefined) {
    const most = Math.max(...values)
    return { origin: NAME_WIDTH, at: (value) => NAME_WIDTH + (room * value) / most }
  }
  const logs = [base, ...values].map(Math.log)
  const [least, most] = [Math.min(...logs), Math.max(...logs)]
  const at = (value: number): number => NAME_WIDTH + (room * (Math.log(value) - least)) / (most - least || 1)
  return { origin: at(base), at }
}

function rounded(length: number): number {
  return Number(length.toFixed(1))
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
