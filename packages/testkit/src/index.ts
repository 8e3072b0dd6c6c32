/**
 * The entry point of `@rumormill/testkit`: test doubles, fault injection and conformance suites.
 * @module @rumormill/testkit
 */
export { codecConformance } from './conformance/codec.ts'
export { type CodecConformanceOptions } from './conformance/codec-trial.ts'
export { type ConformanceCase } from './conformance/case.ts'
export { withExceptions } from './conformance/exceptions.ts'
export { edgeMessages, mutate, randomBytes, randomMessage } from './message-samples.ts'
export { manualClock, type ManualClock } from './memory/manual-clock.ts'
export {
  memoryNetwork,
  type MemoryMessage,
  type MemoryNetwork,
  type MemoryNetworkOptions
} from './memory/memory-network.ts'
export { transportConformance } from './conformance/transport.ts'
export {
  type CreateTransport,
  type TransportConformanceOptions
} from './conformance/transport-trial.ts'
export {
  storageConformance,
  type StorageConformanceOptions,
  type OpenStorage
} from './conformance/storage.ts'
export { memoryStorage, memoryDisk, type MemoryDisk } from './memory/memory-storage.ts'
export {
  peerSourceConformance,
  type PeerSourceConformanceOptions
} from './conformance/peer-source.ts'
export { type PatienceOptions } from './conformance/patience.ts'
export { faultPlan, type FaultPlan, type FaultPlanOptions } from './faults/fault-plan.ts'
export { type DelayMs, type Faults, type LinkFaults } from './faults/faults.ts'
export { type FaultConfig, type FaultCounts } from './faults/fault-config.ts'
export {
  hostilePeer,
  type HeardMessage,
  type HostilePeer,
  type HostilePeerOptions,
  type Reaction
} from './hostile/hostile-peer.ts'
export {
  answerViews,
  crowdedView,
  fakeOffer,
  garbage,
  repeatedView,
  unsolicitedResponses,
  wrongContents
} from './hostile/hostile-behaviour.ts'
