/**
 * The face of `@rumormill/simulator`.
 * @module @rumormill/simulator
 */

// Your application under virtual time.
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
export { type Latency, type NetworkOptions } from './world/network.ts'
export { type Counts, type Traffic, type UpdateReport } from './world/tally.ts'

// Groups in cycles, as the papers have them, and what to measure there.
export { CycleGroup, type CycleGroupOptions, type CycleMembership } from './cycles/cycle-group.ts'
export { HubAttack, type Damage, type HubAttackOptions } from './cycles/hub-attack.ts'
export { growingGroup, latticeGroup, randomGroup, randomOverlay } from './cycles/starts.ts'
export { autocorrelation, inDegrees, spreadOf, type Spread } from './metrics/degree.ts'
export { overlayOf, restricted, undirected, type Overlay } from './metrics/overlay.ts'
export { clustering, clusterSizes, pathLength } from './metrics/paths.ts'
