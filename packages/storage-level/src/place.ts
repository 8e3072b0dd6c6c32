/** The location of storage: a folder that storage opens, repairs and closes, or a database that the caller closes. */

import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GossipError } from '@rumormill/protocol/plugin'
import { ClassicLevel } from 'classic-level'
import { DamageError, isLocked } from './failure.ts'
import type { Level } from './record-store.ts'
import { damagedTables, setAside } from './table.ts'
import { Witness } from './witness.ts'

export interface Place {
  /** The name in error messages. */
  readonly name: string
  open(): Promise<Level>
  /** Returns the number of a batch known to have been written; `undefined` when the record of it is missing. */
  witnessed(): number | undefined
  /** Records that the batch of this number was written. */
  witness(batch: number): void
  /** Repairs a place that is not open. Returns false if it cannot be repaired by storage. */
  repair(): Promise<boolean>
  close(): Promise<void>
}

export function placeOf(location: string | Level): Place {
  return typeof location === 'string' ? new Folder(location) : new Database(location)
}

class Folder implements Place {
  readonly name: string
  readonly #witness: Witness
  #hasWitness = false
  #level: Level | undefined

  constructor(location: string) {
    this.name = location
    this.#witness = new Witness(location)
  }

  async open(): Promise<Level> {
    await mkdir(this.name, { recursive: true })
    await this.#checkLock()
    const files = await readdir(this.name)
    // If there are records but no file CURRENT, LevelDB must not create a new database over them.
    const fresh = !files.some((file) => /\.(log|ldb|sst)$/.test(file))
    if (!fresh) await this.#checkFiles(files)
    else if (this.#witness.read() === undefined) this.#witness.create(0)
    this.#level = new ClassicLevel(this.name, { createIfMissing: fresh })
    await this.#level.open()
    return this.#level
  }

  witnessed(): number | undefined {
    const batch = this.#witness.read()
    this.#hasWitness = batch !== undefined
    return batch
  }

  witness(batch: number): void {
    if (this.#hasWitness) this.#witness.update(batch)
    else this.#witness.create(batch)
    this.#hasWitness = true
  }

  async repair(): Promise<boolean> {
    await setAside(this.name, await damagedTables(this.name))
    await ClassicLevel.repair(this.name)
    return true
  }

  async close(): Promise<void> {
    await this.#level?.close()
    this.#level = undefined
  }

  /** Throws if another process has the folder open. It must be checked first, because LevelDB's repair takes no lock. */
  async #checkLock(): Promise<void> {
    const probe = new ClassicLevel(this.name, { createIfMissing: false, errorIfExists: true })
    const error: unknown = await probe.open().catch((reason: unknown) => reason)
    if (isLocked(error)) throw error
  }

  async #checkFiles(files: readonly string[]): Promise<void> {
    const current = files.includes('CURRENT')
      ? await readFile(join(this.name, 'CURRENT'), 'latin1')
      : ''
    if (!files.includes(current.slice(0, -1)) || !current.endsWith('\n'))
      throw new DamageError('the file CURRENT is not what was written')
    const [damaged] = await damagedTables(this.name)
    if (damaged !== undefined) throw new DamageError(`the file ${damaged} is not what was written`)
  }
}

/** Databases of callers that a storage has open. Their own lock does not exclude a second storage. */
const openDatabases = new WeakSet<Level>()

class Database implements Place {
  readonly name = 'the database'
  readonly #level: Level
  #open = false

  constructor(level: Level) {
    this.#level = level
  }

  async open(): Promise<Level> {
    if (openDatabases.has(this.#level))
      throw new GossipError('STORAGE_FAILED', 'another storage has this database open')
    openDatabases.add(this.#level)
    this.#open = true
    await this.#level.open()
    return this.#level
  }

  witnessed(): number {
    return 0
  }

  witness(): void {}

  async repair(): Promise<boolean> {
    return false
  }

  async close(): Promise<void> {
    if (this.#open) openDatabases.delete(this.#level)
    this.#open = false
  }
}
