/**
 * The entry point of `@rumormill/testkit`: test doubles, fault injection and conformance suites.
 * @module @rumormill/testkit
 */
export { codecConformance } from './codec-conformance.ts'
export { type CodecConformanceOptions } from './codec-trial.ts'
export { type ConformanceCase } from './conformance.ts'
export { withExceptions } from './exceptions.ts'
export { edgeMessages, mutate, randomBytes, randomMessage } from './message-samples.ts'
export { manualClock, type ManualClock } from './manual-clock.ts'
export {
  memoryNetwork,
  type MemoryMessage,
  type MemoryNetwork,
  type MemoryNetworkOptions
} from './memory-network.ts'
export { transportConformance } from './transport-conformance.ts'
export { type CreateTransport, type TransportConformanceOptions } from './transport-trial.ts'
export {
  storageConformance,
  type StorageConformanceOptions,
  type OpenStorage
} from './storage-conformance.ts'
export { memoryStorage, memoryDisk, type MemoryDisk } from './memory-storage.ts'
export {
  peerSourceConformance,
  type PeerSourceConformanceOptions
} from './peer-source-conformance.ts'
export { type PatienceOptions } from './patience.ts'
export { faultPlan, type FaultPlan, type FaultPlanOptions } from './fault-plan.ts'
export { type FaultConfig, type FaultCounts } from './fault-config.ts'
export {
  hostilePeer,
  type HeardMessage,
  type HostilePeer,
  type HostilePeerOptions,
  type Reaction
} from './hostile-peer.ts'
export {
  answerViews,
  crowdedView,
  fakeOffer,
  garbage,
  repeatedView,
  unsolicitedResponses,
  wrongContents
} from './hostile-behaviour.ts'
