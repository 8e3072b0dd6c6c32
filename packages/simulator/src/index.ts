/**
 * The entry point of `@rumormill/simulator`: groups of production engines in one process.
 * @module @rumormill/simulator
 */

// An application in virtual time.
export {
  forEachSeed,
  simulate,
  type SimulatedApp,
  type SimulatedNode,
  type Simulation,
  type SimulationOptions,
  type SimulationReport,
  type Stage
} from './simulate.ts'
export { type DelayMs, type NetworkOptions } from './world/network.ts'
export { type Counts, type Traffic, type UpdateReport } from './world/recorder.ts'

// Groups in cycles, as in the papers, and their metrics.
export {
  CycleGroup,
  type Core,
  type CycleGroupOptions,
  type CycleMembership
} from './cycles/cycle-group.ts'
export { HubAttack, type Damage, type HubAttackOptions } from './cycles/hub-attack.ts'
export { growingGroup, latticeGroup, randomGroup, randomOverlay } from './cycles/starts.ts'
export { autocorrelation, inDegrees, distributionOf, type Distribution } from './metrics/degree.ts'
export { overlayOf, restricted, undirected, type Overlay } from './metrics/overlay.ts'
export { clustering, clusterSizes, pathLength } from './metrics/paths.ts'

// What experiments of your own need: the seeded rng, and the defaults of nodes in virtual time.
export { rngFor } from './seeded-rng.ts'
