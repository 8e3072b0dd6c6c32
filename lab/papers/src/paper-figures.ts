/** Points of the figures of Jelasity et al. 2007 (N = 10^4, c = 30), which are drawn with our curves. */

import type { Curve } from '@rumormill/harness/plot'

/** Fig. 3, random start. */
const DEGREE_CYCLES = [1, 10, 20, 50, 100]

/** Fig. 7. */
const LAGS = [1, 5, 10, 20, 40, 80]

/** Fig. 10. */
const PERCENTS = [75, 80, 85, 90, 95, 98]

export const FIGURES: Readonly<
  Record<'degree' | 'correlation' | 'removal' | 'healing', readonly Curve[]>
> = {
  degree: [
    curve('rand blind', DEGREE_CYCLES, [8.8, 15.6, 18.6, 21.9, 22.9]),
    curve('rand swapper', DEGREE_CYCLES, [5.3, 4.8, 4.5, 4.2, 4.1]),
    curve('rand healer', DEGREE_CYCLES, [8.0, 9.9, 9.9, 10.0, 9.9])
  ],
  correlation: [
    curve('rand blind', LAGS, [0.973, 0.877, 0.768, 0.592, 0.357, 0.116]),
    curve('rand swapper', LAGS, [0.944, 0.813, 0.68, 0.477, 0.249, 0.097]),
    curve('rand healer', LAGS, [0.652, 0.189, 0.055, 0.008, 0, 0]),
    curve('tail blind', LAGS, [0.971, 0.863, 0.739, 0.536, 0.28, 0.046]),
    curve('tail swapper', LAGS, [0.928, 0.767, 0.603, 0.364, 0.142, 0.013]),
    curve('tail healer', LAGS, [0.639, 0.257, 0.09, 0.011, 0.01, -0.01])
  ],
  removal: [
    curve('rand blind', PERCENTS, [0.03, 0.22, 1.39, 8.4, 45.7, 129]),
    curve('rand healer', PERCENTS, [0.02, 0.1, 0.63, 6.2, 55.4, 174]),
    curve('rand swapper', PERCENTS, [0, 0, 0.1, 2.2, 28.9, 141]),
    curve('random graph', PERCENTS, [0, 0, 0.11, 2.15, 28.5, 138])
  ],
  healing: [
    curve('rand healer', [1, 2, 3, 4, 5, 6], [46, 30.9, 12.4, 2.5, 0.17, 0]),
    curve('tail healer', [1, 2, 3, 4, 5], [43.2, 24.4, 6.95, 0.78, 0]),
    curve('rand blind', [10, 20, 50, 100], [44.9, 40.9, 29, 16]),
    curve('rand swapper', [10, 20, 50, 100], [43.4, 37.6, 25.1, 13.4]),
    curve('tail swapper', [10, 20, 50, 100], [42.5, 36.4, 23.3, 12])
  ]
}

function curve(name: string, xs: readonly number[], ys: readonly number[]): Curve {
  return { name, points: xs.map((x, index) => [x, ys[index]!]) }
}

/** Fig. 2 of Leitao et al. 2007 (HyParView): N = 10^4, fanout 4, before the next cycle. */
const FAILED = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95]

export const REACH_FIGURES: readonly Curve[] = [
  curve('HyParView', FAILED, [100, 100, 100, 100, 100, 99.9, 99.9, 99.9, 99.6, 90.8]),
  curve('Cyclon with acks', FAILED, [98.3, 98.3, 98.3, 98.3, 98.1, 98.1, 96.9, 46.4, 0.2, 0.3]),
  curve('Cyclon, flood', FAILED, [97.3, 96.5, 92.6, 85.9, 73.4, 50.2, 11.8, 0.2, 0.2, 0.3])
]

/** Fig. 4 of the same paper: percent failed, and the cycles until HyParView and Cyclon are as reliable as before. */
export const REGAIN_FIGURES: readonly (readonly [
  percent: number,
  hyParView: number,
  cyclon: number
])[] = [
  [10, 1, 42],
  [20, 1, 48],
  [30, 1, 51],
  [40, 1, 69],
  [50, 1, 72],
  [60, 1, 80],
  [70, 2, 102],
  [80, 2, 107],
  [90, 4, 159]
]
