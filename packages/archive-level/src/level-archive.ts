/** An archive in LevelDB, or in any other database with the interface of `abstract-level`. */
import { GossipError, toGossipError, type Archive, type ArchivedState } from '@rumormill/protocol'
import { ClassicLevel } from 'classic-level'
import { Ledger, type Level } from './ledger.ts'

/** Where the archive is. */
export interface LevelArchiveOptions {
  /** A folder for this archive alone, made when it is not there; or a database of yours, which you close. */
  readonly location: string | Level
  /** Whether LevelDB first saves what it can of the folder; some of it may be lost. Default false. */
  readonly repair?: boolean
}

/** An {@link Archive} at `location`. */
export function levelArchive(options: LevelArchiveOptions): Archive {
  return new LevelArchive(options)
}

/** Databases of callers that an archive has open: their own lock knows nothing of archives. */
const taken = new WeakSet<Level>()

class LevelArchive implements Archive {
  readonly #location: string | Level
  readonly #repair: boolean
  #phase: 'new' | 'open' | 'closed' = 'new'
  #level: Level | undefined
  #ledger: Ledger | undefined
  #pending: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor({ location, repair = false }: LevelArchiveOptions) {
    this.#location = location
    this.#repair = repair
  }

  load(): Promise<ArchivedState> {
    if (this.#phase !== 'new') {
      const code = this.#phase === 'open' ? 'ALREADY_STARTED' : 'NOT_RUNNING'
      return Promise.reject(new GossipError(code, 'an archive is opened once'))
    }
    this.#phase = 'open'
    return this.#settling(this.#open(), `${this.#place}: the option location names what cannot be read (see repair)`)
  }

  write(changes: Parameters<Archive['write']>[0]): Promise<void> {
    if (this.#phase !== 'open' || this.#ledger === undefined) {
      return Promise.reject(new GossipError('NOT_RUNNING', 'the archive is not open'))
    }
    return this.#settling(this.#ledger.write(changes), `${this.#place} took no batch`)
  }

  close(): Promise<void> {
    this.#phase = 'closed'
    this.#closing ??= this.#pending.then(() => this.#release())
    return this.#closing
  }

  get #place(): string {
    return typeof this.#location === 'string' ? this.#location : 'the database'
  }

  async #open(): Promise<ArchivedState> {
    if (typeof this.#location === 'string') {
      if (this.#repair) await ClassicLevel.repair(this.#location)
      const level = new ClassicLevel(this.#location)
      await level.open()
      this.#level = level
    } else {
      if (taken.has(this.#location)) throw new GossipError('ARCHIVE_FAILED', 'another archive has this database open')
      taken.add(this.#location)
      this.#level = this.#location
      await this.#level.open()
    }
    const ledger = new Ledger(this.#level)
    const state = await ledger.load()
    this.#ledger = ledger
    return state
  }

  async #release(): Promise<void> {
    if (this.#level === undefined) return
    if (typeof this.#location === 'string') await this.#level.close()
    else taken.delete(this.#level)
  }

  async #settling<T>(work: Promise<T>, what: string): Promise<T> {
    this.#pending = work.catch(() => {})
    try {
      return await work
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      throw toGossipError(cause, 'ARCHIVE_FAILED', what)
    }
  }
}
