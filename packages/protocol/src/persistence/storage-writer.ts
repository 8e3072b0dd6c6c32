/**
 * Writes changes to storage, one batch at a time. Changes that come meanwhile are the next batch. A batch that fails is
 * retried until storage takes it, so that all changes are written in order.
 */

import { GossipError, toGossipError } from '../model/errors.ts'
import type { Digest } from '../model/update.ts'
import { Deadlines } from '../options/deadlines.ts'
import type { StorageConfig } from '../options/options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage, StorageChange } from '../ports/storage.ts'
import { ChangeBacklog } from './change-backlog.ts'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: GossipError) => void
}

export class StorageWriter {
  batches = 0
  changes = 0
  failures = 0
  readonly #storage: Storage
  readonly #config: StorageConfig
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #failed: (error: GossipError) => void
  readonly #backlog = new ChangeBacklog()
  /** The current batch: taken out of the backlog, and not yet known to be on disk. */
  #batch: readonly StorageChange[] = []
  /** Waiters for the current batch, and for the next one. */
  #now: Waiter[] = []
  #next: Waiter[] = []
  #working = false
  /** The error of the last attempt, or of the current one if it takes too long; undefined while storage works. */
  #trouble: GossipError | undefined
  #cancelRetry: () => void = () => {}
  #closed = false

  constructor(
    storage: Storage,
    config: StorageConfig,
    clock: Clock,
    failed: (error: GossipError) => void
  ) {
    this.#storage = storage
    this.#config = config
    this.#clock = clock
    this.#deadlines = new Deadlines(clock)
    this.#failed = failed
  }

  /** How many changes are not known to be on disk. */
  get backlog(): number {
    return this.#backlog.size + this.#batch.length
  }

  /** Adds a change. For `fresh`, see {@link ChangeBacklog.note}. */
  note(change: StorageChange, fresh: boolean = false): void {
    if (this.#closed) return
    this.#backlog.note(change, fresh)
    if (this.#trouble === undefined) this.#work()
  }

  /** Returns whether an update that was noted is known to be on disk. */
  hasWritten(digest: Digest): boolean {
    if (this.#backlog.keeps(digest)) return false
    return !this.#batch.some((change) => change.kind === 'keep' && change.update.digest === digest)
  }

  /** Resolves when all changes are on disk. Rejects with the error of storage while it takes none. */
  flushed(): Promise<void> {
    if (this.#closed) return Promise.reject(new GossipError('NOT_RUNNING', 'this node has stopped'))
    if (this.#trouble !== undefined) return Promise.reject(this.#trouble)
    if (this.backlog === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const waiters = this.#backlog.size === 0 ? this.#now : this.#next
      waiters.push({ resolve, reject })
    })
  }

  /** Makes one last attempt to write what is not on disk, within the timeout of one attempt; then closes storage. */
  async close(): Promise<void> {
    this.#cancelRetry()
    this.#trouble = undefined
    if (this.backlog > 0) this.#work()
    await this.#inTime(this.flushed(), 'the last write').catch(() => {})
    this.#closed = true
    this.#cancelRetry()
    try {
      await this.#inTime(this.#storage.close(), 'close')
    } catch (error) {
      this.#failed(toGossipError(error, 'STORAGE_FAILED', 'closing storage'))
    }
    if (this.backlog > 0)
      this.#failed(
        new GossipError('STORAGE_FAILED', `${this.backlog} changes were not written to storage`)
      )
  }

  #work(): void {
    if (this.#working) return
    this.#working = true
    void this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    // Other changes of this turn join the first batch.
    await Promise.resolve()
    while (!this.#closed && this.backlog > 0) {
      if (this.#batch.length === 0) {
        this.#batch = this.#backlog.take()
        this.#now = this.#next
        this.#next = []
      }
      if (!(await this.#writeBatch())) break
    }
    this.#working = false
  }

  async #writeBatch(): Promise<boolean> {
    const { timeoutMs, retryMs } = this.#config
    let isLate = false
    const cancelLate = this.#clock.wakeAt(this.#clock.now() + timeoutMs, () => {
      isLate = true
      this.#fail(
        new GossipError(
          'STORAGE_FAILED',
          `no answer of storage within storageOptions.timeoutMs (${timeoutMs} ms)`
        )
      )
    })
    try {
      await this.#storage.write(this.#batch)
    } catch (error) {
      // A late attempt was reported as one already.
      if (!isLate) this.#fail(toGossipError(error, 'STORAGE_FAILED', 'writing to storage'))
      if (this.#closed) return false
      this.#cancelRetry = this.#clock.wakeAt(this.#clock.now() + retryMs, () => this.#work())
      return false
    } finally {
      cancelLate()
    }
    this.#trouble = undefined
    this.batches++
    this.changes += this.#batch.length
    this.#batch = []
    for (const { resolve } of this.#now.splice(0)) resolve()
    return true
  }

  #fail(error: GossipError): void {
    this.#trouble = error
    this.failures++
    this.#failed(error)
    for (const { reject } of [...this.#now.splice(0), ...this.#next.splice(0)]) reject(error)
  }

  #inTime(work: Promise<void>, what: string): Promise<void> {
    const { timeoutMs } = this.#config
    const late = `${what} took longer than storageOptions.timeoutMs (${timeoutMs} ms)`
    return this.#deadlines.run(timeoutMs, work, () => new GossipError('STORAGE_FAILED', late))
  }
}
