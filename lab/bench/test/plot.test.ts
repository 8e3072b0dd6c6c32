import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import type { Claim } from '../src/claim.ts'
import { barChart, type Bar } from '../src/plot.ts'
import { plotsOf } from '../src/plots.ts'

const bar = (name: string, value: number): Bar => ({ name, value, text: `${value}`, tone: 'ours' })

describe('barChart', () => {
  test('lengths are proportional to the values', () => {
    const [one, four] = rectangles(
      barChart({ title: 'linear', bars: [bar('one', 1), bar('four', 4)] })
    )
    expect(four!.width / one!.width).toBeCloseTo(4, 1)
    expect(four!.x).toBe(one!.x)
  })

  test('around a base, a half is as long to the left as a double to the right', () => {
    const [half, double] = rectangles(
      barChart({
        title: 'log',
        bars: [bar('half', 0.5), bar('double', 2)],
        base: { value: 1, name: 'even' }
      })
    )
    expect(Math.abs(half!.x + half!.width - double!.x)).toBeLessThanOrEqual(1)
    expect(half!.width).toBeCloseTo(double!.width, 1)
  })

  test('a value equal to its base is visible', () => {
    const [even] = rectangles(
      barChart({ title: 'log', bars: [bar('even', 3)], base: { value: 3, name: 'even' } })
    )
    expect(even!.width).toBeGreaterThan(0)
  })

  test('names are escaped', () => {
    const svg = barChart({ title: 'a < b & "c"', bars: [bar('<script>', 1)] })
    expect(svg).not.toContain('<script>')
    expect(svg).toContain('<title>a &lt; b &amp; "c"</title>')
  })
})

describe('plotsOf', () => {
  const claim = (row: string, figure: number, goal?: number): Claim => ({
    row,
    what: row,
    figure,
    better: 'less',
    extreme: 1,
    ...(goal === undefined ? {} : { goal })
  })
  const details = [
    {
      benchmark: 'spread',
      group: 'rumormill tcp',
      updatesPerSecond: 6000,
      cpuMicrosPerDelivery: 25
    },
    {
      benchmark: 'spread',
      group: 'gossipsub plaintext',
      updatesPerSecond: 400,
      cpuMicrosPerDelivery: 360
    },
    { benchmark: 'reconciliation', updates: 100, listBytes: 3203 }
  ]
  const plots = plotsOf([claim('e1', 1500, 120), claim('g1', 20, 64), claim('i2', 2)], details)
  const svgOf = (name: string): string =>
    barChart(plots.find(({ file }) => file === `performance-${name}.svg`)!)

  test('rows without a goal are left out, missed ones are highlighted', () => {
    const bars = rectangles(svgOf('goals'))
    expect(bars.map(({ tone }) => tone)).toEqual(['bad', 'ours'])
  })

  test('all groups, rounds and figures are present', () => {
    expect(rectangles(svgOf('throughput')).map(({ tone }) => tone)).toEqual(['ours', 'other'])
    expect(svgOf('cpu')).toContain('>360<')
    expect(svgOf('rounds')).toContain('>3203 B<')
  })
})

/** The bars of a chart, from top to bottom. */
function rectangles(svg: string): { tone: string; x: number; width: number }[] {
  const { document } = parseHTML(`<html><body>${svg}</body></html>`)
  return [...document.querySelectorAll('.bars rect')].map((rect) => ({
    tone: /^var\(--(\w+)\)$/.exec(rect.getAttribute('fill')!)![1]!,
    x: Number(rect.getAttribute('x')),
    width: Number(rect.getAttribute('width'))
  }))
}
