/** Implements the Storage port with LevelDB, or with any other database that has the interface of `abstract-level`. */

import {
  GossipError,
  type PersistedState,
  type Storage,
  type StorageChange
} from '@rumormill/protocol/plugin'
import { explained, isDamage } from './failure.ts'
import { checkOptions, type LevelStorageOptions } from './options.ts'
import { placeOf, type Place } from './place.ts'
import { RecordStore } from './record-store.ts'

/** Returns a {@link Storage} at `location`. Throws INVALID_CONFIG. */
export function levelStorage(options: LevelStorageOptions): Storage {
  const { location, repair = false } = checkOptions(options)
  return new LevelStorage(placeOf(location), repair)
}

class LevelStorage implements Storage {
  readonly #place: Place
  readonly #repair: boolean
  #phase: 'new' | 'open' | 'closed' = 'new'
  /** Undefined after a failed batch: it may be partly on disk, and later records may not be readable. */
  #records: RecordStore | undefined
  /** The number of the last batch that is on disk. */
  #batch = 0
  #pending: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(place: Place, repair: boolean) {
    this.#place = place
    this.#repair = repair
  }

  load(): Promise<PersistedState> {
    if (this.#phase !== 'new') {
      const code = this.#phase === 'open' ? 'ALREADY_STARTED' : 'NOT_RUNNING'
      return Promise.reject(new GossipError(code, 'storage is opened once'))
    }
    this.#phase = 'open'
    return this.#settling(this.#open(), `opening ${this.#place.name}`)
  }

  write(changes: readonly StorageChange[]): Promise<void> {
    if (this.#phase !== 'open')
      return Promise.reject(new GossipError('NOT_RUNNING', 'storage is not open'))
    return this.#settling(this.#write(changes), `writing to ${this.#place.name}`)
  }

  close(): Promise<void> {
    this.#phase = 'closed'
    this.#closing ??= this.#pending.then(() => this.#place.close())
    return this.#closing
  }

  async #open(): Promise<PersistedState> {
    try {
      return await this.#read()
    } catch (error) {
      if (!this.#repair || !isDamage(error)) throw error
      await this.#place.close()
      if (!(await this.#place.repair())) throw error
      const state = await this.#read()
      return { ...state, damaged: Math.max(1, state.damaged) }
    }
  }

  async #read(): Promise<PersistedState> {
    const records = new RecordStore(await this.#place.open())
    const witnessed = this.#place.witnessed()
    const state = await records.load(Math.max(witnessed ?? 0, this.#batch))
    this.#settled(records)
    return witnessed === undefined ? { ...state, damaged: Math.max(1, state.damaged) } : state
  }

  async #write(changes: readonly StorageChange[]): Promise<void> {
    if (this.#records === undefined) await this.#reopen()
    const records = this.#records!
    this.#records = undefined
    await records.write(changes)
    this.#settled(records)
  }

  /** Reopens the database after a failed batch, so that it has a new log: LevelDB does not read what follows a partial record. */
  async #reopen(): Promise<void> {
    await this.#place.close()
    const { damaged } = await this.#read()
    if (damaged === 0) return
    throw new GossipError(
      'STORAGE_DAMAGED',
      `${damaged} records of ${this.#place.name} were lost while it was open`
    )
  }

  #settled(records: RecordStore): void {
    this.#place.witness(records.batch)
    this.#batch = records.batch
    this.#records = records
  }

  async #settling<T>(work: Promise<T>, doing: string): Promise<T> {
    this.#pending = work.catch(() => {})
    try {
      return await work
    } catch (error) {
      throw explained(error, doing)
    }
  }
}
