/** The baseline of all other experiments: views that are uniform random samples. */

import type { Rng } from '@rumormill/protocol/plugin'
import {
  clustering,
  distributionOf,
  inDegrees,
  type Overlay,
  pathLength,
  randomOverlay,
  rngFor,
  undirected
} from '@rumormill/simulator'
import type { Experiment, Measurement } from './experiment.ts'

const PATH_SOURCES = 100

export const baseline: Experiment = {
  id: 'baseline',
  title: 'The baseline: a random graph',
  story:
    'No protocol runs here. Every node knows c nodes that were drawn at random. A group with a ' +
    'good peer sampling service looks like this one. The expected figures are computed, not ' +
    'measured (in-degree: sqrt(c(1 - c/(N - 1)))), or are the line that the paper draws into ' +
    'its figures.',
  run: ({ nodes, viewSize, seed, progress }) => {
    progress('random graph')
    const rng = rngFor(seed)
    return { measurements: overlayMeasurements('random', randomOverlay(nodes, viewSize, rng), rng) }
  }
}

/** Measures in-degree, clustering and path lengths, with ids such as `<name> sd`. */
export function overlayMeasurements(name: string, overlay: Overlay, rng: Rng): Measurement[] {
  return [
    { id: `${name} sd`, value: distributionOf(inDegrees(overlay)).sd },
    { id: `${name} clustering`, value: clustering(overlay) },
    { id: `${name} path`, value: pathLength(overlay, PATH_SOURCES, rng) },
    { id: `${name} undirected path`, value: pathLength(undirected(overlay), PATH_SOURCES, rng) }
  ]
}
