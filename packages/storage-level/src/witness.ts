/**
 * The witness: a small file beside the database with the number of the last batch. LevelDB cannot detect that the end of its
 * log was cut off, lost or became unreadable; this number shows it.
 *
 * The file is written after the batch is on disk, and is not synced. After a loss of power it may be behind, but never ahead.
 */

import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { opened, sealed } from './record.ts'

const NAME = 'WITNESS'

export class Witness {
  readonly #path: string

  constructor(folder: string) {
    this.#path = join(folder, NAME)
  }

  /** Returns the number of the last batch; `undefined` when the file is missing or damaged. */
  read(): number | undefined {
    let record: Uint8Array
    try {
      record = readFileSync(this.#path)
    } catch {
      return undefined
    }
    const payload = opened(NAME, record)
    return payload?.length === 8 ? new DataView(payload.buffer).getFloat64(0) : undefined
  }

  /** Creates the file, and syncs it. From now on, its absence is detected. */
  create(batch: number): void {
    this.#write(batch, 'w')
  }

  /** Updates the file. Throws when it, or its folder, is gone, because then the last batch is gone, too. */
  update(batch: number): void {
    this.#write(batch, 'r+')
  }

  #write(batch: number, flags: 'w' | 'r+'): void {
    const payload = new Uint8Array(8)
    new DataView(payload.buffer).setFloat64(0, batch)
    const file = openSync(this.#path, flags)
    try {
      writeSync(file, sealed(NAME, payload), 0, undefined, 0)
      if (flags === 'w') fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}
