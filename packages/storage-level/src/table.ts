/**
 * Checks the tables of a LevelDB folder by their checksums. LevelDB is built to read them without a check, and a damaged one
 * may abort the whole process by a failed assertion. So this runs before LevelDB opens the folder.
 *
 * A table has blocks, then indexes of them, then a footer with the positions of the indexes. Each block is followed by a byte
 * that says whether it is compressed, and by a checksum of both.
 */

import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from './crc32c.ts'
import { uncompressed } from './snappy.ts'
import { readVarint } from './varint.ts'

const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
const MASK = 0xa282ead8

/** Returns the files in `folder` that are damaged tables. */
export async function damagedTables(folder: string): Promise<readonly string[]> {
  const damaged: string[] = []
  for (const file of await readdir(folder)) {
    if (/\.(ldb|sst)$/.test(file) && !isSound(await readFile(join(folder, file))))
      damaged.push(file)
  }
  return damaged
}

/** Moves files to the folder where LevelDB moves those that it cannot repair. */
export async function setAside(folder: string, files: readonly string[]): Promise<void> {
  if (files.length > 0) await mkdir(join(folder, 'lost'), { recursive: true })
  for (const file of files) await rename(join(folder, file), join(folder, 'lost', file))
}

/** Returns whether a table is valid. True without a footer: LevelDB deletes unfinished tables, and reports truncated ones. */
function isSound(table: Buffer): boolean {
  if (table.length < FOOTER_BYTES || table.readBigUInt64LE(table.length - 8) !== MAGIC) return true
  try {
    const footer = { bytes: table, at: table.length - FOOTER_BYTES }
    const filters = blockAt(table, readHandle(footer))
    const index = blockAt(table, readHandle(footer))
    for (const handle of [...handlesOf(filters), ...handlesOf(index)]) blockAt(table, handle)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

interface Handle {
  readonly offset: number
  readonly size: number
}

function readHandle(from: { bytes: Uint8Array; at: number }): Handle {
  return { offset: readVarint(from), size: readVarint(from) }
}

/** Returns the decompressed bytes of a block. Throws RangeError when they are not what was written. */
function blockAt(table: Buffer, { offset, size }: Handle): Uint8Array {
  const stored = table.readUInt32LE(offset + size + 1)
  const sum = crc32c(table.subarray(offset, offset + size + 1))
  if ((((sum >>> 15) | (sum << 17)) + MASK) >>> 0 !== stored) throw new RangeError('checksum')
  const block = table.subarray(offset, offset + size)
  return table[offset + size] === 0 ? block : uncompressed(block)
}

/**
 * Returns the handles of an index. Each entry starts with the lengths of the shared and the own part of its key, and of its
 * value. A list of restarts follows the entries.
 */
function* handlesOf(index: Uint8Array): Iterable<Handle> {
  const view = new DataView(index.buffer, index.byteOffset, index.length)
  const restarts = view.getUint32(index.length - 4, true)
  const end = index.length - 4 * (restarts + 1)
  const from = { bytes: index, at: 0 }
  while (from.at < end) {
    readVarint(from)
    const keyBytes = readVarint(from)
    const valueBytes = readVarint(from)
    const valueAt = from.at + keyBytes
    yield readHandle({ bytes: index, at: valueAt })
    from.at = valueAt + valueBytes
  }
}
