/** What a node keeps over a restart: reads it from the archive before the node runs, and writes down what changes. */

import type { Engine } from '../engine/engine.ts'
import { GossipError, toGossipError } from '../errors.ts'
import type { Journal, RestoredUpdate, JournalEntry } from '../journal.ts'
import { isAddress, type Address } from '../peer.ts'
import type { Archive, ArchivedState, ArchivedUpdate } from '../ports/archive.ts'
import {
  digestFromHex,
  digestToHex,
  type Digest,
  type DigestFunction,
  type Submission,
  type Update
} from '../update.ts'
import { ArchiveWriter } from './archive-writer.ts'
import type { GossipConfig } from './options.ts'

/** The part of `stats()` about the archive. */
export interface ArchiveStats {
  /** Changes that are not known to be on disk: at most one for each update and digest that node and archive hold. */
  readonly archiveBacklog: number
  /** Batches that the archive took, and the changes in them. */
  readonly archivedBatches: number
  readonly archivedChanges: number
  /** Writes that failed or took too long, each attempt of them, since the start. */
  readonly archiveFailures: number
  /** Records of the archive that were damaged when it was opened. */
  readonly damagedRecords: number
}

/** For a node without an archive it does nothing. */
export class Persistence {
  readonly #config: GossipConfig
  readonly #archive: Archive | undefined
  readonly #writer: ArchiveWriter | undefined
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
    this.#archive = config.archive
    this.#failed = failed
    if (this.#archive === undefined) return
    this.#writer = new ArchiveWriter(this.#archive, config.archiving, config.clock, failed)
  }

  get journal(): Journal | undefined {
    return this.#journal
  }

  stats(): ArchiveStats {
    const { backlog = 0, batches = 0, changes = 0, failures = 0 } = this.#writer ?? {}
    return {
      archiveBacklog: backlog,
      archivedBatches: batches,
      archivedChanges: changes,
      archiveFailures: failures,
      damagedRecords: this.#damaged
    }
  }

  /** Reads what an earlier life has left, and returns what its handler had not taken. */
  async load(digest: DigestFunction): Promise<readonly Update[]> {
    if (this.#archive === undefined) return []
    let state: ArchivedState
    try {
      state = await this.#archive.load()
    } catch (error) {
      throw toGossipError(error, 'ARCHIVE_FAILED', 'the archive could not be read')
    }
    const updates = state.updates.filter((update) => isSound(update, digest))
    const remembered = state.remembered.filter((each) => digestFromHex(each) !== undefined)
    this.#damaged =
      state.damaged +
      state.updates.length -
      updates.length +
      state.remembered.length -
      remembered.length
    if (this.#damaged > 0) {
      const whole = updates.length + remembered.length
      this.#failed(
        new GossipError(
          'ARCHIVE_DAMAGED',
          `at least ${this.#damaged} records were damaged or lost, and ${whole} are whole: what peers still have is fetched again`
        )
      )
    }
    this.#peers = state.peers.filter(isAddress)
    const expired = new Set(remembered)
    this.#journal = { updates: this.#active(updates, expired), remembered, entries: [] }
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
        case 'remembered':
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
        'a durable submit needs the option archive, such as levelArchive()'
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
  #active(updates: readonly ArchivedUpdate[], expired: ReadonlySet<Digest>): RestoredUpdate[] {
    const { clock, wallClock, dissemination } = this.#config
    const [nowMs, wallMs] = [clock.now(), wallClock()]
    const active: RestoredUpdate[] = []
    for (const { digest, content, submittedAtMs } of updates) {
      if (expired.has(digest) || content.length > dissemination.maxContentBytes) continue
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
    this.#peersDueMs = this.#config.clock.now() + this.#config.archiving.peersIntervalMs
    const addresses = engine.knownAddresses()
    const text = addresses.toSorted().join('\n')
    if (addresses.length === 0 || text === this.#writtenPeers) return
    this.#writtenPeers = text
    this.#writer?.note({ kind: 'peers', addresses })
  }
}

/** A content must be what its digest says, or it would be spread, and believed by nobody. */
function isSound({ digest, content }: ArchivedUpdate, digestFunction: DigestFunction): boolean {
  return content.length > 0 && digestToHex(digestFunction(content)) === digest
}
