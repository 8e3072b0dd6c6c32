/** The face of `@rumormill/simulator`. */
export { CycleGroup, type CycleGroupOptions, type CycleSampling } from './cycles/cycle-group.ts'
export { growingGroup, latticeGroup, randomGroup, randomOverlay } from './cycles/starts.ts'
export { autocorrelation, inDegrees, spreadOf, type Spread } from './metrics/degree.ts'
export { overlayOf, restricted, undirected, type Overlay } from './metrics/overlay.ts'
export { clustering, clusterSizes, pathLength } from './metrics/paths.ts'
