/** A running node, as `createGossip` returns it. */

import type { DropReason } from '../drop.ts'
import type { EngineGauges } from '../engine/engine-options.ts'
import type { Address, Peer } from '../peer.ts'
import type { Digest, Submission, UpdateStatus } from '../update.ts'
import type { StorageStats } from './persistence.ts'

/** The figures of a node since `start`: gauges of what it holds now, counters of what has happened. */
export interface GossipStats extends EngineGauges, StorageStats {
  /** Updates waiting for the handler. */
  readonly waitingUpdates: number
  /** Bytes of contents that wait for the handler or for a verdict. */
  readonly waitingBytes: number
  /** Messages handed to the transport and not yet taken by the network, and their bytes. */
  readonly sendingMessages: number
  readonly sendingBytes: number
  /** Submissions that were accepted, and those that changed nothing. */
  readonly submitted: number
  readonly duplicates: number
  readonly delivered: number
  readonly served: number
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
  readonly malformed: number
  readonly violations: number
  readonly failed: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

export interface GossipService extends AsyncDisposable {
  /**
   * Reads storage if there is any, listens, and begins to gossip. Resolves with the address under which others reach this node;
   * no peer has to be there yet. Rejects with the transport's error (ADDRESS_UNAVAILABLE, ...), with STORAGE_FAILED before
   * anything is opened, and with ALREADY_STARTED the second time. `storage.load` and `transport.start` may take 30 s each;
   * `stop` ends the attempt.
   */
  start(): Promise<Address>
  /** Resolves once a peer has answered. Rejects with the signal's reason, or with NOT_RUNNING at `stop`. */
  ready(options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Spreads a copy of `content`. Without peers the update waits for the first one. Throws
   * INVALID_UPDATE, UPDATE_TOO_LARGE, STORE_FULL or NOT_RUNNING; then nothing was accepted.
   */
  submit(content: Uint8Array): Submission
  /**
   * The same, and resolves when storage has it on disk: from then on the update outlives a crash. Rejects with what
   * `submit` throws; with INVALID_CONFIG without storage, and then nothing was accepted; with STORAGE_FAILED or
   * STORAGE_DAMAGED when the update spreads but is not known to be on disk. Many at once share a write.
   */
  submit(content: Uint8Array, options: { readonly durable: true }): Promise<Submission>
  /** Returns the state of an update at this node; `unknown` also means forgotten. */
  status(digest: Digest): UpdateStatus
  /** Returns the current view: a sample of the group, or all of it if the group is smaller than the view. */
  peers(): readonly Peer[]
  /** The address under which others reach this node. Throws NOT_RUNNING before `start` has resolved. */
  readonly address: Address
  stats(): GossipStats
  /**
   * Waits until a peer is known to have each update submitted here, for at most `graceMs` (default 2000), and only while a peer
   * is known or being contacted. Updates left then are reported as `dropped` (`unacknowledged`), with their digests. Then
   * writes what storage lacks, and closes everything. Idempotent. Does not wait for a running handler call. A stopped service
   * cannot be restarted: create a new one.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>
}
