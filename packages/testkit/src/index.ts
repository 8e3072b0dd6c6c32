/** The face of `@rumormill/testkit`. */
export { codecConformance } from './codec-conformance.ts'
export { type CodecConformanceOptions } from './codec-trial.ts'
export { type ConformanceCase } from './conformance.ts'
export { edgeMessages, mutate, randomBytes, randomMessage } from './message-samples.ts'
export { manualClock, type ManualClock } from './manual-clock.ts'
export { memoryNetwork, type MemoryMessage, type MemoryNetwork, type MemoryNetworkOptions } from './memory-network.ts'
