/**
 * The expected figures for a tenth of the nodes: N = 10^3, c = 30, for which the papers have none. Those of the random graph
 * are computed; the others are results of this implementation from when it matched the papers at full size, so that a change
 * is noticed.
 */

import type { Expectation, Tolerance } from './expectation.ts'

const SD: Tolerance = { share: 0.1 }
const CLUSTERING: Tolerance = { share: 0.07 }
const PATH: Tolerance = { share: 0.01 }

export const QUICK_EXPECTATIONS: Readonly<Record<string, readonly Expectation[]>> = {
  baseline: [
    // sqrt(c (1 - c / (N - 1))); the share of neighbors that are linked in either direction.
    one('random sd', 5.395, { share: 0.06 }),
    one('random clustering', 0.0585, { share: 0.02 }),
    one('random path', 2.359, PATH)
  ],
  converged: [
    ...overlay('rand blind', 17.5, 0.083, 2.417),
    ...overlay('tail blind', 17.5, 0.081, 2.42),
    ...overlay('rand healer', 10.6, 0.19, 2.48),
    ...overlay('tail healer', 11, 0.157, 2.435),
    ...overlay('rand swapper', 4.7, 0.0577, 2.357),
    ...overlay('tail swapper', 4.4, 0.0574, 2.357),
    one('rand blind r1', 0.957, { by: 0.03 }),
    one('rand healer r1', 0.66, { by: 0.06 }),
    one('rand swapper r1', 0.941, { by: 0.03 }),
    one('rand healer r5', 0.2, { by: 0.06 }),
    one('rand healer outside at 65', 0, { by: 0 }),
    one('rand swapper outside at 65', 0, { by: 0 }),
    one('rand healer dead links after 2', 30.9, { by: 3 }),
    one('rand healer dead links after 8', 0, { by: 0 }),
    one('rand swapper dead links after 20', 39.5, { by: 3 }),
    one('rand blind dead links after 20', 39, { by: 3 })
  ],
  edges: [
    one('rand H=0 S=8 sd', 13.3, SD),
    one('rand H=1 S=0 sd', 17.6, SD),
    one('rand H=1 S=0 cycles to heal', 26, { by: 4 }),
    one('rand H=15 S=0 cycles to heal', 6, { by: 1 })
  ],
  starts: ['blind', 'healer', 'swapper'].flatMap((policy) => [
    one(`growing rand ${policy} clusters`, 1, { by: 0 }),
    one(`lattice rand ${policy} clusters`, 1, { by: 0 }),
    one(`growing rand ${policy} max in-degree`, 'under 150', { atMost: 150 }),
    one(`lattice rand ${policy} sd`, { blind: 17.5, healer: 10.6, swapper: 4.7 }[policy]!, SD)
  ]),
  push: [
    one('push rand healer clusters', 'several', { atLeast: 2 }),
    one('push rand swapper clusters', 1, { by: 0 })
  ],
  churn: [
    one('churn rand H=1 dead links', 3.2, SD),
    one('churn tail H=1 dead links', 2.3, SD),
    one('churn rand H=1 most dead links', '5 to 13', { atMost: 13 }),
    one('churn rand H=1 clusters', 1, { by: 0 })
  ],
  rounds: [
    one('push to 1000', 17.9, { by: 1.5 }),
    one('pull to 1000', 13.8, { by: 1.5 }),
    one('pushpull to 1000', 9.1, { by: 1 })
  ],
  spread: [one('sampled p50', 9, { atMost: 10 }), one('sampled p99', 10, { atMost: 12 })],
  // Bounds of chance, as at full size; with so few samples even the uneven in-degrees of blind do not show.
  randomness: ['blind', 'healer', 'swapper', 'generator'].flatMap((name) => [
    one(`${name} spread`, 0, { by: 4 }),
    one(`${name} lag 1`, 0, { by: 4 })
  ]),
  reach: [
    one('rumormill rounds at 50', 'all', { atLeast: 99.9 }),
    one('rumormill rounds at 80', 'nearly all', { atLeast: 99 }),
    one('Cyclon flood at 50', 73.4, { by: 6 }),
    one('Cyclon flood at 80', 0.2, { atMost: 5 })
  ]
}

function one(id: string, expected: number | string, tolerance: Tolerance): Expectation {
  return { id, paper: expected, source: 'at 10^3', tolerance }
}

function overlay(name: string, sd: number, clustering: number, path: number): Expectation[] {
  return [
    one(`${name} sd`, sd, SD),
    one(`${name} clustering`, clustering, CLUSTERING),
    one(`${name} path`, path, PATH)
  ]
}
