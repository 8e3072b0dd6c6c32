/**
 * The papers' figures at full size: N = 10^4, c = 30. Tolerances were set before the first run; none was made wider. Rows that
 * missed have been reported since, with the difference.
 */

import type { Curve } from '@rumormill/harness/plot'
import type { Expectation, Tolerance } from './expectation.ts'
import { FIGURES, REACH_FIGURES, REGAIN_FIGURES } from './paper-figures.ts'
import { REMOVALS } from './removal.ts'

const GBPS = 'Jelasity 2007'

/** Tolerances for the published figures, which are averages of few runs, read off curves. */
const SD: Tolerance = { share: 0.1 }
const PATH: Tolerance = { share: 0.01 }
const CLUSTERING: Tolerance = { share: 0.07 }
const CLUSTERING_BETWEEN: Tolerance = { share: 0.2 }

/** Twice the standard error of the paper's autocorrelation (about 0.03 for one node over 50,000 cycles). */
const CORRELATION: Tolerance = { by: 0.06 }

const COMPARED: Tolerance = { reported: 'shown for comparison, because the protocols differ' }

/** Rows beyond the tolerance, or so near to it that the seed decides; each was run with several seeds to find the reason. */
const MISSED: Readonly<Record<string, string>> = {
  'tail blind r80':
    'the paper follows one node for 50,000 cycles, which gives r80 with a standard error of ' +
    '0.024 (measured on single nodes here); ours, over all nodes and 1,800 cycles, is 0.109: ' +
    '2.6 standard errors away, which happens by chance once in a hundred times',
  'tail H=8 S=0 cycles to heal':
    'ours heals sooner, and not by chance: 9, 9, 9, 9, 10 with five seeds where the paper has ' +
    '11 to 12; neither S (0, 4, 7) nor sending one entry less makes it later',
  'rand H=8 S=0 cycles to heal':
    'as for tail, with a smaller difference: 9, 10, 10, 9, 10 with five seeds, so the seed ' +
    'would decide whether the row is within two cycles'
}

export const EXPECTATIONS: Readonly<Record<string, readonly Expectation[]>> = {
  baseline: [
    ...overlay('random', GBPS, [5.469, 0.00589, 2.978], {
      sd: { share: 0.02 },
      clustering: { share: 0.02 }
    }),
    one('random undirected path', 2.691, 'computed', { share: 0.01 })
  ],
  converged: [
    ...overlay('rand blind', 'figs. 3, 8', [23.1, 0.0262, 3.122]),
    ...overlay('tail blind', 'figs. 3, 8', [21.9, 0.0234, 3.11]),
    ...overlay('rand healer', 'figs. 3, 8', [9.96, 0.1558, 3.198]),
    ...overlay('tail healer', 'figs. 3, 8', [10.73, 0.115, 3.104]),
    ...overlay('rand swapper', 'figs. 3, 8', [4.16, 0.0062, 2.974]),
    ...overlay('tail swapper', 'figs. 3, 8', [3.64, 0.0062, 2.972]),
    ...along(FIGURES.degree, 'fig. 3', (name, cycle) => `${name} sd after ${cycle}`, SD),
    ...along(FIGURES.correlation, 'fig. 7', (name, lag) => `${name} r${lag}`, CORRELATION),
    ...removals(),
    ...along(FIGURES.healing, 'fig. 11', (name, cycle) => `${name} dead links after ${cycle}`, {
      by: 1.5
    })
  ],
  edges: [
    ...[
      [3, 21.31],
      [8, 17.69],
      [11, 14.35],
      [14, 8.3]
    ].map(([s, sd]) => one(`rand H=0 S=${s} sd`, sd!, 'fig. 4', SD)),
    one('rand H=0 S=3 clustering', 0.0236, 'fig. 9', CLUSTERING),
    one('rand H=0 S=8 clustering', 0.0182, 'fig. 9', CLUSTERING),
    one('rand H=0 S=14 clustering', 0.0083, 'fig. 9', CLUSTERING),
    one('rand H=0 S=3 path', 3.104, 'fig. 9', PATH),
    one('rand H=0 S=8 path', 3.065, 'fig. 9', PATH),
    one('rand H=0 S=14 path', 2.989, 'fig. 9', PATH),
    ...overlay('rand H=1 S=0', 'figs. 4, 9', [20.41, 0.0273, 3.099], {
      clustering: CLUSTERING_BETWEEN
    }),
    ...overlay('rand H=3 S=0', 'figs. 4, 9', [17.9, 0.0311, 3.079], {
      clustering: CLUSTERING_BETWEEN
    }),
    ...overlay('rand H=8 S=0', 'figs. 4, 9', [14.15, 0.0541, 3.065], {
      clustering: CLUSTERING_BETWEEN
    }),
    one('tail H=8 S=0 sd', 14.73, 'fig. 4', SD),
    one('tail H=14 S=0 sd', 11.19, 'fig. 4', SD),
    one('tail H=8 S=0 clustering', 0.0421, 'fig. 9', CLUSTERING_BETWEEN),
    ...healing('rand', [
      [1, 31, 4],
      [3, 19, 2],
      [8, 11.5, 2],
      [14, 8, 2],
      [15, 6, 2]
    ]),
    ...healing('tail', [
      [1, 26, 4],
      [3, 18, 2],
      [8, 11.5, 2],
      [14, 7, 2],
      [15, 5, 2]
    ])
  ],
  starts: [
    ['growing', 'blind', 23.1],
    ['growing', 'healer', 9.96],
    ['growing', 'swapper', 4.16],
    ['lattice', 'blind', 23.1],
    ['lattice', 'healer', 9.96],
    ['lattice', 'swapper', 4.16]
  ].flatMap(([start, policy, sd]) => [
    one(`${start} rand ${policy} sd`, Number(sd), 'fig. 3', SD),
    one(`${start} rand ${policy} clusters`, 1, 'section 4.1.1', { by: 0 }),
    ...(start === 'growing'
      ? [one(`growing rand ${policy} max in-degree`, '50 to 215', 'fig. 2', { atMost: 250 })]
      : [])
  ]),
  push: [
    one('push rand healer clusters', 22.28, 'table II', { share: 0.3 }),
    one('push rand healer largest cluster', 9124.48, 'table II', { share: 0.02 }),
    one('push rand healer max in-degree', '8300 to 9700', 'fig. 2', { atLeast: 8000 }),
    one('push rand swapper clusters', 1, 'table II', { by: 0 }),
    one('push tail swapper clusters', 4.07, 'table II', { atLeast: 2 }),
    one('push tail swapper largest cluster', 9808.04, 'table II', { share: 0.02 }),
    one('push tail healer clusters', '1 in 71 % of the runs', 'table II', {
      reported:
        'the group of the paper is partitioned in 29 % of the runs, that of other implementations of its text in all runs, because of an undocumented detail'
    })
  ],
  churn: [
    one('churn rand H=0 dead links', 'over 11', 'section 5.2', { atLeast: 11 }),
    one('churn rand H=0 most dead links', '20 to 25', 'section 5.2', { from: 20, to: 25 }),
    one('churn rand H=1 dead links', 3.42, 'fig. 13', { share: 0.1 }),
    one('churn rand H=3 dead links', 1.95, 'fig. 13', {
      reported:
        'independent implementations of the text get 1.64, 16 % below the figure, because of an undocumented detail'
    }),
    one('churn rand H=8 dead links', 0.88, 'fig. 13', { share: 0.1 }),
    one('churn rand H=14 dead links', 0.56, 'fig. 13', { share: 0.1 }),
    one('churn tail H=1 dead links', 2.41, 'fig. 13', { share: 0.1 }),
    ...[1, 3, 8, 14].map((h) =>
      one(`churn rand H=${h} most dead links`, '5 to 13', 'section 5.2', { atMost: 13 })
    ),
    ...['rand H=0', 'rand H=1', 'rand H=3', 'rand H=8', 'rand H=14', 'tail H=1'].map((name) =>
      one(`churn ${name} clusters`, 1, 'section 5.2', { by: 0 })
    )
  ],
  rounds: [
    // The formula plus the constant measured in 200, 60 and 20 runs; the tolerance is three standard errors of ours.
    one('push to 1000', 17.9, '16.9 by formula', { by: 1 }),
    one('pull to 1000', 13.8, '12.8 by formula', { by: 1 }),
    one('pushpull to 1000', 9.1, '9.1 by formula', { by: 1 }),
    one('push to 10000', 23.8, '22.5 by formula', { by: 1.6 }),
    one('pull to 10000', 17.5, '16.5 by formula', { by: 1.6 }),
    one('pushpull to 10000', 11.5, '11.6 by formula', { by: 1 }),
    one('push to 100000', 29.5, '28.1 by formula', { from: 28, to: 35 }),
    one('pull to 100000', 21.7, '20.1 by formula', { from: 20, to: 25 }),
    one('pushpull to 100000', 14.2, '14.0 by formula', { from: 13, to: 15 })
  ],
  spread: [
    one('sampled p50', 12, 'ideal contacts', { atMost: 13 }),
    one('sampled p99', 13, 'ideal contacts', { atMost: 15 })
  ],
  // Bounds of chance, fixed before the first run: four standard deviations, 1 in 15,000. Blind keeps some nodes in many
  // views for a hundred cycles (fig. 7), which shows in so few samples; the paper's 2 * 10^7 cycles average it out.
  randomness: [
    ...['healer', 'swapper', 'generator'].map((name) =>
      one(`${name} spread`, 0, 'section 3', { by: 4 })
    ),
    one('blind spread', 0, 'section 3', {
      reported:
        'the in-degrees of blind stay uneven for a hundred cycles, and 10,000 cycles are too few to average this out'
    }),
    ...['blind', 'healer', 'swapper', 'generator'].flatMap((name) => [
      one(`${name} lag 1`, 0, 'section 3', { by: 4 }),
      one(`${name} ent`, 7.995, 'computed', { by: 0.005 })
    ])
  ],
  reach: [
    ...reached('rumormill flood', 'HyParView', REACH_FIGURES[0]!),
    ...reached('rumormill rounds', 'HyParView', REACH_FIGURES[0]!),
    ...reached('Cyclon flood', 'Cyclon', REACH_FIGURES[2]!),
    ...reached('Cyclon rounds', 'Cyclon', REACH_FIGURES[2]!),
    ...REGAIN_FIGURES.map(([percent, hyParView, cyclon]) =>
      one(
        `rumormill cycles to regain at ${percent}`,
        `${hyParView} and ${cyclon}`,
        'HyParView, fig. 4: HyParView and Cyclon',
        COMPARED
      )
    ),
    ...[50, 60, 70, 80, 90].flatMap((percent) =>
      [1, 2, 5, 10].map((cycles) =>
        one(`rumormill flood at ${percent}, ${cycles} cycles later`, '-', 'not published', COMPARED)
      )
    )
  ]
}

function one(
  id: string,
  paper: number | string,
  source: string,
  tolerance: Tolerance
): Expectation {
  const reported = MISSED[id]
  return { id, paper, source, tolerance: reported === undefined ? tolerance : { reported } }
}

function reached(name: string, paper: string, { points }: Curve): Expectation[] {
  return points.map(([percent, y]) =>
    one(`${name} at ${percent}`, y, `HyParView, fig. 2: ${paper}`, COMPARED)
  )
}

function overlay(
  name: string,
  source: string,
  [sd, clustering, path]: readonly [number, number, number],
  tolerances: { readonly sd?: Tolerance; readonly clustering?: Tolerance } = {}
): Expectation[] {
  return [
    one(`${name} sd`, sd, source, tolerances.sd ?? SD),
    one(`${name} clustering`, clustering, source, tolerances.clustering ?? CLUSTERING),
    one(`${name} path`, path, source, PATH)
  ]
}

function along(
  curves: readonly Curve[],
  source: string,
  id: (name: string, x: number) => string,
  tolerance: Tolerance
): Expectation[] {
  return curves.flatMap(({ name, points }) =>
    points.map(([x, y]) => one(id(name, x), y, source, tolerance))
  )
}

/** Both sides are averages of as many counts of rare events: four standard errors of their difference. */
function chance(outside: number): Tolerance {
  return { by: 4 * Math.sqrt((2 * Math.max(outside, 0.02)) / REMOVALS) }
}

function removals(): Expectation[] {
  const none = ['rand blind', 'rand healer', 'rand swapper'].map((name) =>
    one(`${name} outside at 65`, 0, 'section 5.1', { by: 0 })
  )
  const counted = FIGURES.removal.flatMap(({ name, points }) =>
    points.map(([percent, outside]) =>
      one(
        `${name === 'random graph' ? 'random' : name} outside at ${percent}`,
        outside,
        'fig. 10',
        chance(outside)
      )
    )
  )
  return [...none, ...counted]
}

function healing(
  selection: string,
  rows: readonly (readonly [number, number, number])[]
): Expectation[] {
  return rows.map(([h, cycles, by]) =>
    one(`${selection} H=${h} S=0 cycles to heal`, cycles, 'fig. 11', { by })
  )
}
