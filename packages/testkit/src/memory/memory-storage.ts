/** Storage in memory: its data survives the node, and a test can inject failures. */

import {
  GossipError,
  type Address,
  type Digest,
  type PersistedState,
  type PersistedUpdate,
  type Storage,
  type StorageChange
} from '@rumormill/protocol/plugin'

/** The place where memory storage writes. Only one storage can have it open, and the next one loads what was written. */
export interface MemoryDisk {
  /** Makes every write fail with `error` until called with `undefined`. With `made`, failed writes still take effect. */
  fail(error: Error | undefined, made?: boolean): void
  /** Makes writes wait until `release`. */
  hold(): void
  release(): void
  /** Simulates a crash of the process that has it open: pending and further writes of it are lost. */
  crash(): void
  /** Changes a byte of a kept content. */
  damage(digest: Digest): void
  /** The state that the next `load` returns. */
  readonly state: PersistedState
  /** The number of written batches. */
  readonly batches: number
}

/** Creates an empty {@link MemoryDisk}. */
export function memoryDisk(): MemoryDisk {
  return new Disk()
}

/** Creates storage on `disk`; on its own disk if none is given. */
export function memoryStorage(disk: MemoryDisk = memoryDisk()): Storage {
  const place = disk as Disk
  let phase: 'new' | 'open' | 'closed' = 'new'
  let pending: Promise<void> = Promise.resolve()
  const owner = {}
  return {
    load: async () => {
      if (phase !== 'new')
        throw new GossipError(
          phase === 'open' ? 'ALREADY_STARTED' : 'NOT_RUNNING',
          'storage can be opened only once'
        )
      place.open(owner)
      phase = 'open'
      return place.state
    },
    write: async (changes) => {
      if (phase !== 'open') throw new GossipError('NOT_RUNNING', 'storage is not open')
      const written = place.write(owner, changes)
      pending = written.catch(() => {})
      await written
    },
    close: async () => {
      phase = 'closed'
      if (!place.isOpenBy(owner)) return
      await pending
      place.leave(owner)
    }
  }
}

class Disk implements MemoryDisk {
  batches = 0
  readonly #updates = new Map<Digest, PersistedUpdate>()
  readonly #seen = new Set<Digest>()
  #peers: readonly Address[] = []
  #owner: object | undefined
  #error: Error | undefined
  #madeAnyway = false
  #released: Promise<void> = Promise.resolve()
  #release: () => void = () => {}

  fail(error: Error | undefined, made: boolean = false): void {
    this.#error = error
    this.#madeAnyway = made
  }

  hold(): void {
    this.#released = new Promise((resolve) => (this.#release = resolve))
  }

  release(): void {
    this.#release()
  }

  crash(): void {
    this.#owner = undefined
  }

  damage(digest: Digest): void {
    const update = this.#updates.get(digest)
    if (update === undefined) throw new Error(`${digest} is not kept`)
    const content = update.content.slice()
    content[0]! ^= 1
    this.#updates.set(digest, { ...update, content })
  }

  get state(): PersistedState {
    const updates = [...this.#updates.values()].map((update) => ({
      ...update,
      content: update.content.slice()
    }))
    return { updates, seen: [...this.#seen], peers: [...this.#peers], damaged: 0 }
  }

  open(owner: object): void {
    if (this.#owner !== undefined)
      throw new GossipError('STORAGE_FAILED', 'another storage has this disk open')
    this.#owner = owner
  }

  isOpenBy(owner: object): boolean {
    return this.#owner === owner
  }

  leave(owner: object): void {
    if (this.#owner === owner) this.#owner = undefined
  }

  async write(owner: object, changes: readonly StorageChange[]): Promise<void> {
    await this.#released
    // A crashed process gets no answer.
    if (this.#owner !== owner) return new Promise(() => {})
    const error = this.#error
    if (error === undefined || this.#madeAnyway) {
      for (const change of changes) this.#make(change)
      this.batches++
    }
    if (error !== undefined) throw error
  }

  #make(change: StorageChange): void {
    switch (change.kind) {
      case 'keep':
        this.#updates.delete(change.update.digest)
        this.#updates.set(change.update.digest, {
          ...change.update,
          content: change.update.content.slice()
        })
        break
      case 'handled': {
        const update = this.#updates.get(change.digest)
        if (update !== undefined) this.#updates.set(change.digest, { ...update, handled: true })
        break
      }
      case 'drop':
        this.#updates.delete(change.digest)
        break
      case 'remember':
        this.#seen.delete(change.digest)
        this.#seen.add(change.digest)
        break
      case 'forget':
        this.#seen.delete(change.digest)
        break
      case 'peers':
        this.#peers = [...change.addresses]
        break
    }
  }
}
