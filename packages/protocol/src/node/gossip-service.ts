/** The service that `createGossip` returns: one node of a group. */

import type { EngineGauges } from '../engine/engine-options.ts'
import type { Address, Peer } from '../model/peer.ts'
import type { Digest, Submission, UpdateStatus } from '../model/update.ts'
import type { StorageStats } from '../persistence/persistence.ts'
import type { CountersSnapshot } from './counters.ts'

/** Statistics of a node: gauges of its present state, and counters of events since `start`. */
export interface GossipStats extends EngineGauges, StorageStats, CountersSnapshot {
  /** Updates that wait for the handler. */
  readonly waitingUpdates: number
  /** Bytes of contents that wait for the handler or for a verdict. */
  readonly waitingBytes: number
  /** Messages passed to the transport and not yet taken by the network, and their bytes. */
  readonly sendingMessages: number
  readonly sendingBytes: number
}

export interface GossipService extends AsyncDisposable {
  /**
   * Reads storage if there is any, listens, and starts to gossip. Resolves with the address under which others reach this node;
   * does not wait for a peer. Rejects with STORAGE_FAILED before anything is opened, with the transport's error
   * (ADDRESS_UNAVAILABLE, ...), or with ALREADY_STARTED on a second call. `storage.load` and `transport.start` may take 30 s
   * each; `stop` ends the attempt.
   */
  start(): Promise<Address>
  /** Resolves once a message of a peer has arrived. Rejects with the signal's reason, or with NOT_RUNNING at `stop`. */
  ready(options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Accepts a copy of `content` as an update and spreads it. Without peers the update waits for the first one. Throws
   * INVALID_UPDATE, UPDATE_TOO_LARGE, STORE_FULL or NOT_RUNNING; then nothing was accepted.
   */
  submit(content: Uint8Array): Submission
  /**
   * Does the same, and resolves when storage has the update on disk, so that it survives a crash. Rejects with what `submit`
   * throws, or with INVALID_CONFIG without storage; then nothing was accepted. Rejects with STORAGE_FAILED or STORAGE_DAMAGED
   * when the update spreads but is not known to be on disk. Concurrent calls share a write.
   */
  submit(content: Uint8Array, options: { readonly durable: true }): Promise<Submission>
  /** Returns the state of an update on this node; `unknown` also means forgotten. */
  status(digest: Digest): UpdateStatus
  /** Returns the current view: a sample of the group, or all of it if the group is smaller than the view. */
  peers(): readonly Peer[]
  /** The address under which others reach this node. Throws NOT_RUNNING before `start` has resolved. */
  readonly address: Address
  /** Returns the present statistics. Throws NOT_RUNNING unless the service is running. */
  stats(): GossipStats
  /**
   * Waits until some peer is known to have each update submitted here, for at most `graceMs` (default 2000), and only while a
   * peer is known or being contacted. Updates left after that are reported as `dropped` (`unacknowledged`), with their digests.
   * Then writes waiting changes to storage, and closes storage and transport. Idempotent. Does not wait for a running handler
   * call. A stopped service cannot be restarted: create a new one.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>
}
