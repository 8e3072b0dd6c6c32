/**
 * A small file beside the database that says which batch was the last. LevelDB takes the end of its log for the end of
 * all that was written: when that end is cut off, lost or unreadable, only somebody else can tell.
 *
 * It is written after the batch is on disk and is not synced: it may be behind, after a loss of power, but never ahead.
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

  /** The number of the last batch; `undefined` when the file is not there, or is not what was written. */
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

  /** Makes the file, for good: from now on it is missed when it is gone. */
  create(batch: number): void {
    this.#write(batch, 'w')
  }

  /** Fails when the file, or its folder, is gone: then what was just written is, too. */
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
