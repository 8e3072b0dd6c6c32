import { expect, it } from 'vitest'
import {
  amount,
  duration,
  percentage,
  ratio,
  size,
  textOfFigure,
  type Figure
} from '../src/figure.ts'

it.each<[Figure, string]>([
  [amount('refused', 10_006, { limit: 20_000 }), 'refused 10006, limit 20000'],
  [amount('rounds', [6.04, 7], { least: 1 }), 'rounds 6.04/7, at least 1'],
  [duration('slowest', 153.2, { limit: 1540 }), 'slowest 153 ms, limit 1.54 s'],
  [duration('back', [70_000, Infinity]), 'back 70 s/never'],
  [duration('p99', NaN), 'p99 -'],
  [size('grown', [12, -2048, 3.5 * 2 ** 20]), 'grown 12 B/-2 KiB/3.5 MiB'],
  [size('growth', undefined, { remark: 'too short to see it' }), 'growth (too short to see it)'],
  [percentage('within', 0.9883, { least: 0.95 }), 'within 98.8 %, at least 95 %'],
  [ratio('amplification', 1.2345), 'amplification 1.23'],
  [amount('counted', [19, 20], { of: [20, 20] }), 'counted 19/20 of 20/20']
])('%j is printed as "%s"', (figure, text) => {
  expect(textOfFigure(figure)).toBe(text)
})
