/** What a node keeps over a restart: reads it from storage before the node runs, and writes down what changes. */

import type { Engine } from '../engine/engine.ts'
import { GossipError, toGossipError } from '../errors.ts'
import type { Journal, RestoredUpdate, JournalEntry } from '../journal.ts'
import { isAddress, type Address } from '../peer.ts'
import type { Storage, PersistedState, PersistedUpdate } from '../ports/storage.ts'
import {
  digestFromHex,
  digestToHex,
  type Digest,
  type HashFunction,
  type Submission,
  type Update
} from '../update.ts'
import type { GossipConfig } from './options.ts'
import { StorageWriter } from './storage-writer.ts'

/** The part of `stats()` about storage. */
export interface StorageStats {
  /** Changes that are not known to be on disk: at most one for each update and digest that node and storage hold. */
  readonly storageBacklog: number
  /** Batches that storage took, and the changes in them. */
  readonly persistedBatches: number
  readonly persistedChanges: number
  /** Writes that failed or took too long, each attempt of them, since the start. */
  readonly storageFailures: number
  /** Records of storage that were damaged when it was opened. */
  readonly damagedRecords: number
}

/** For a node without storage it does nothing. */
export class Persistence {
  readonly #config: GossipConfig
  readonly #storage: Storage | undefined
  readonly #writer: StorageWriter | undefined
  readonly #failed: (error: GossipError) => void
  #damaged = 0
  /** What the engine is given. */
  #journal: Journal | undefined
  /** Updates that the handler has not taken, and whether they are active no longer: until then their contents are kept. */
  readonly #unhandled = new Map<Digest, { ended: boolean }>()
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

  /** Reads what an earlier life has left, and returns what its handler had not taken. */
  async load(hash: HashFunction): Promise<readonly Update[]> {
    if (this.#storage === undefined) return []
    let state: PersistedState
    try {
      state = await this.#storage.load()
    } catch (error) {
      throw toGossipError(error, 'STORAGE_FAILED', 'storage could not be read')
    }
    const updates = state.updates.filter((update) => isSound(update, hash))
    const seen = state.seen.filter((each) => digestFromHex(each) !== undefined)
    this.#damaged =
      state.damaged + state.updates.length - updates.length + state.seen.length - seen.length
    if (this.#damaged > 0) {
      const whole = updates.length + seen.length
      this.#failed(
        new GossipError(
          'STORAGE_DAMAGED',
          `at least ${this.#damaged} records were damaged or lost, and ${whole} are whole: what peers still have is fetched again`
        )
      )
    }
    this.#peers = state.peers.filter(isAddress)
    const expired = new Set(seen)
    this.#journal = { updates: this.#active(updates, expired), seen, entries: [] }
    const unhandled = updates.filter(({ handled }) => !handled)
    for (const update of unhandled)
      this.#unhandled.set(update.digest, { ended: expired.has(update.digest) })
    return unhandled.map((update) => ({ digest: update.digest, content: update.content }))
  }

  /** Those known in an earlier life, the most worth asking first. */
  get peers(): readonly Address[] {
    return this.#peers
  }

  /** To be called after every call of the engine: takes down what it has changed. `own` is an update of this node itself. */
  keep(engine: Engine, own?: Digest): void {
    if (this.#journal === undefined) return
    for (const entry of this.#journal.entries.splice(0)) {
      switch (entry.kind) {
        case 'accepted':
          this.#accepted(entry, entry.update.digest === own)
          break
        case 'ended':
          this.#ended(entry.digest)
          break
        case 'seen':
          // One that is not waiting was dropped just now, or refused: then nothing was kept under its digest.
          this.#writer!.note(
            { kind: 'remember', digest: entry.digest },
            !this.#unhandled.has(entry.digest)
          )
          break
        case 'forgotten':
          this.#writer!.note({ kind: 'forget', digest: entry.digest })
      }
    }
    if (this.#config.clock.now() >= this.#peersDueMs) this.#keepPeers(engine)
  }

  /** The handler has taken it: a restart must not deliver it again. */
  handled(digest: Digest): void {
    const waiting = this.#unhandled.get(digest)
    if (waiting === undefined) return
    this.#unhandled.delete(digest)
    this.#writer?.note({ kind: waiting.ended ? 'drop' : 'handled', digest })
  }

  /** Submits, and resolves when that is on disk. */
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

  /** Whether an update that the handler has not taken is on disk, to be handed over after a restart. */
  keeps(digest: Digest): boolean {
    return this.#writer?.hasWritten(digest) === true
  }

  async stop(engine: Engine | undefined): Promise<void> {
    if (engine !== undefined) {
      this.keep(engine)
      this.#keepPeers(engine)
    }
    await this.#writer?.close()
  }

  /** Those that are active still. A limit that was lowered since keeps larger ones out, and on disk. */
  #active(updates: readonly PersistedUpdate[], expired: ReadonlySet<Digest>): RestoredUpdate[] {
    const { clock, wallClock, store } = this.#config
    const [nowMs, wallMs] = [clock.now(), wallClock()]
    const active: RestoredUpdate[] = []
    for (const { digest, content, submittedAtMs } of updates) {
      if (expired.has(digest) || content.length > store.maxContentBytes) continue
      const ageMs = Math.max(0, wallMs - submittedAtMs)
      active.push({ digest, content, submittedAtMs: nowMs - ageMs })
    }
    return active
  }

  #accepted(
    { update: { digest, content }, submittedAtMs }: Extract<JournalEntry, { kind: 'accepted' }>,
    own: boolean
  ): void {
    if (!own) this.#unhandled.set(digest, { ended: false })
    const { clock, wallClock } = this.#config
    const update = {
      digest,
      content,
      submittedAtMs: wallClock() - (clock.now() - submittedAtMs),
      handled: own
    }
    this.#writer!.note({ kind: 'keep', update }, true)
  }

  #ended(digest: Digest): void {
    const waiting = this.#unhandled.get(digest)
    if (waiting === undefined) this.#writer!.note({ kind: 'drop', digest })
    else waiting.ended = true
  }

  /** Nobody known is no news: the peers of better times are worth more. */
  #keepPeers(engine: Engine): void {
    this.#peersDueMs = this.#config.clock.now() + this.#config.storageOptions.peersIntervalMs
    const addresses = engine.knownAddresses()
    const text = addresses.toSorted().join('\n')
    if (addresses.length === 0 || text === this.#writtenPeers) return
    this.#writtenPeers = text
    this.#writer?.note({ kind: 'peers', addresses })
  }
}

/** A content must be what its digest says, or it would be spread, and believed by nobody. */
function isSound({ digest, content }: PersistedUpdate, hashFunction: HashFunction): boolean {
  return content.length > 0 && digestToHex(hashFunction(content)) === digest
}
