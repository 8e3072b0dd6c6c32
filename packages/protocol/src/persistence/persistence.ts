/** Keeps the state of a node over restarts: reads it from storage before the node runs, and writes each change. */

import type { Engine } from '../engine/engine.ts'
import { GossipError, toGossipError } from '../model/errors.ts'
import { isAddress, type Address } from '../model/peer.ts'
import {
  digestOfKey,
  digestToHex,
  keyOfDigest,
  type DigestKey,
  type HashFunction,
  type KeyedUpdate,
  type Submission
} from '../model/update.ts'
import type { GossipConfig } from '../options/options.ts'
import type { Storage, PersistedState, PersistedUpdate } from '../ports/storage.ts'
import type { Journal, RestoredUpdate, JournalEntry } from '../store/journal.ts'
import { StorageWriter } from './storage-writer.ts'

/** The part of `stats()` about storage. */
export interface StorageStats {
  /** Changes that are not known to be on disk: at most one for each update and digest that the node and storage hold. */
  readonly storageBacklog: number
  /** Batches that storage took, and the changes in them. */
  readonly persistedBatches: number
  readonly persistedChanges: number
  /** Attempts to write that failed or took too long, since the start. */
  readonly storageFailures: number
  /** Records of storage that were damaged or missing when it was opened. */
  readonly damagedRecords: number
}

/** The persistence of a node. Does nothing without storage. */
export class Persistence {
  readonly #config: GossipConfig
  readonly #storage: Storage | undefined
  readonly #writer: StorageWriter | undefined
  readonly #failed: (error: GossipError) => void
  #damaged = 0
  /** The journal of the engine. */
  #journal: Journal | undefined
  /** Updates that the handler has not had, and whether they have expired. Their contents are kept until the handler had them. */
  readonly #unhandled = new Map<DigestKey, { ended: boolean }>()
  #peers: readonly Address[] = []
  #peersDueMs = -Infinity
  #writtenPeers = ''

  constructor(config: GossipConfig, failed: (error: GossipError) => void) {
    this.#config = config
    this.#storage = config.storage
    this.#failed = failed
    if (this.#storage === undefined) return
    this.#writer = new StorageWriter(this.#storage, config.storageOptions, config.clock, failed)
  }

  get journal(): Journal | undefined {
    return this.#journal
  }

  stats(): StorageStats {
    const { backlog = 0, batches = 0, changes = 0, failures = 0 } = this.#writer ?? {}
    return {
      storageBacklog: backlog,
      persistedBatches: batches,
      persistedChanges: changes,
      storageFailures: failures,
      damagedRecords: this.#damaged
    }
  }

  /** Reads the state from before a restart, and returns the updates that the handler had not had. */
  async load(hash: HashFunction): Promise<readonly KeyedUpdate[]> {
    if (this.#storage === undefined) return []
    let state: PersistedState
    try {
      state = await this.#storage.load()
    } catch (error) {
      throw toGossipError(error, 'STORAGE_FAILED', 'storage could not be read')
    }
    const updates = state.updates
      .filter((update) => isSound(update, hash))
      .map((update) => ({ ...update, key: keyOfDigest(update.digest)! }))
    const seen = state.seen.flatMap((digest) => keyOfDigest(digest) ?? [])
    this.#damaged =
      state.damaged + state.updates.length - updates.length + state.seen.length - seen.length
    if (this.#damaged > 0) {
      const whole = updates.length + seen.length
      this.#failed(
        new GossipError(
          'STORAGE_DAMAGED',
          `at least ${this.#damaged} records were damaged or lost, and ${whole} are valid: updates that peers still have are fetched again`
        )
      )
    }
    this.#peers = state.peers.filter(isAddress)
    const expired = new Set(seen)
    this.#journal = { updates: this.#active(updates, expired), seen, entries: [] }
    const unhandled = updates.filter(({ handled }) => !handled)
    for (const { key } of unhandled) this.#unhandled.set(key, { ended: expired.has(key) })
    return unhandled.map(({ key, content }) => ({ key, content }))
  }

  /** The peers from before a restart, the most promising first. */
  get peers(): readonly Address[] {
    return this.#peers
  }

  /** Writes what the last call of the engine has changed; must follow each call. */
  keep(engine: Engine): void {
    if (this.#journal === undefined) return
    for (const entry of this.#journal.entries.splice(0)) {
      switch (entry.kind) {
        case 'accepted':
          this.#accepted(entry)
          break
        case 'ended':
          this.#ended(entry.key)
          break
        case 'seen':
          // An update that the handler does not wait for was just dropped, or was refused: storage has nothing under its digest.
          this.#writer!.note(
            { kind: 'remember', digest: digestOfKey(entry.key) },
            !this.#unhandled.has(entry.key)
          )
          break
        case 'forgotten':
          this.#writer!.note({ kind: 'forget', digest: digestOfKey(entry.key) })
      }
    }
    if (this.#config.clock.now() >= this.#peersDueMs) this.#keepPeers(engine)
  }

  /** Notes that the handler had an update, so that a restart does not deliver it again. */
  handled(key: DigestKey): void {
    const waiting = this.#unhandled.get(key)
    if (waiting === undefined) return
    this.#unhandled.delete(key)
    this.#writer?.note({ kind: waiting.ended ? 'drop' : 'handled', digest: digestOfKey(key) })
  }

  /** Calls `submit`, and resolves when the update is on disk. */
  async durably(submit: () => Submission): Promise<Submission> {
    if (this.#writer === undefined) {
      throw new GossipError(
        'INVALID_CONFIG',
        'a durable submit needs the option storage, such as levelStorage()'
      )
    }
    const submission = submit()
    await this.#writer.flushed()
    return submission
  }

  /** Returns whether an update is on disk, so that the handler gets it after a restart. */
  keeps(key: DigestKey): boolean {
    return this.#writer?.hasWritten(digestOfKey(key)) === true
  }

  async stop(engine: Engine | undefined): Promise<void> {
    if (engine !== undefined) {
      this.keep(engine)
      this.#keepPeers(engine)
    }
    await this.#writer?.close()
  }

  /** Returns the updates that are still active. One above a lowered `maxContentBytes` is left out, and stays on disk. */
  #active(
    updates: readonly (PersistedUpdate & KeyedUpdate)[],
    expired: ReadonlySet<DigestKey>
  ): RestoredUpdate[] {
    const { clock, wallClock, store } = this.#config
    const [nowMs, wallMs] = [clock.now(), wallClock()]
    const active: RestoredUpdate[] = []
    for (const { key, content, submittedAtMs } of updates) {
      if (expired.has(key) || content.length > store.maxContentBytes) continue
      const ageMs = Math.max(0, wallMs - submittedAtMs)
      active.push({ key, content, submittedAtMs: nowMs - ageMs })
    }
    return active
  }

  #accepted({
    update: { key, content },
    submittedAtMs,
    isOwn
  }: Extract<JournalEntry, { kind: 'accepted' }>): void {
    if (!isOwn) this.#unhandled.set(key, { ended: false })
    const { clock, wallClock } = this.#config
    const update = {
      digest: digestOfKey(key),
      content,
      submittedAtMs: wallClock() - (clock.now() - submittedAtMs),
      handled: isOwn
    }
    this.#writer!.note({ kind: 'keep', update }, true)
  }

  #ended(key: DigestKey): void {
    const waiting = this.#unhandled.get(key)
    if (waiting === undefined) this.#writer!.note({ kind: 'drop', digest: digestOfKey(key) })
    else waiting.ended = true
  }

  /**
   * Writes the list of known peers if it has changed. Keeps the last one that was not empty: it may be the way back to the
   * group.
   */
  #keepPeers(engine: Engine): void {
    this.#peersDueMs = this.#config.clock.now() + this.#config.storageOptions.peersIntervalMs
    const addresses = engine.knownAddresses()
    const text = addresses.toSorted().join('\n')
    if (addresses.length === 0 || text === this.#writtenPeers) return
    this.#writtenPeers = text
    this.#writer?.note({ kind: 'peers', addresses })
  }
}

/** Returns whether a content matches its digest. Peers would reject any other. */
function isSound({ digest, content }: PersistedUpdate, hashFunction: HashFunction): boolean {
  return content.length > 0 && digestToHex(hashFunction(content)) === digest
}
