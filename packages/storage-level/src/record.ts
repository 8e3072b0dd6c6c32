/** The format of records on disk: the letters `rmil`, a checksum of 4 bytes over key and payload, then the payload. */

import type { PersistedUpdate } from '@rumormill/protocol/plugin'
import { crc32c } from './crc32c.ts'

/** The first bytes of every record of storage. */
const MARK = new TextEncoder().encode('rmil')
const HEAD_BYTES = 8
const SEQ_BYTES = 8
const TIME_BYTES = 8

/** Returns the record of `payload` under `key`. */
export function sealed(key: string, payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEAD_BYTES + payload.length)
  record.set(MARK)
  new DataView(record.buffer).setUint32(MARK.length, checksum(key, payload))
  record.set(payload, HEAD_BYTES)
  return record
}

/** Returns a copy of the payload; `undefined` when the record is not what was written under `key`. */
export function opened(key: string, record: Uint8Array): Uint8Array | undefined {
  if (record.length < HEAD_BYTES || MARK.some((byte, index) => byte !== record[index]))
    return undefined
  // A database may return a Buffer, whose `slice` is no copy, and which may be part of a larger block.
  const payload = new Uint8Array(record.subarray(HEAD_BYTES))
  const sum = new DataView(record.buffer, record.byteOffset).getUint32(MARK.length)
  return sum === checksum(key, payload) ? payload : undefined
}

/** Returns the payload of an update. `seq` sets its order at the next load. */
export function updatePayload(
  seq: number,
  { submittedAtMs, content }: PersistedUpdate
): Uint8Array {
  const payload = new Uint8Array(SEQ_BYTES + TIME_BYTES + content.length)
  const view = new DataView(payload.buffer)
  view.setFloat64(0, seq)
  view.setFloat64(SEQ_BYTES, submittedAtMs)
  payload.set(content, SEQ_BYTES + TIME_BYTES)
  return payload
}

export function readUpdate(
  payload: Uint8Array
): { seq: number; submittedAtMs: number; content: Uint8Array } | undefined {
  if (payload.length < SEQ_BYTES + TIME_BYTES) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset)
  return {
    seq: view.getFloat64(0),
    submittedAtMs: view.getFloat64(SEQ_BYTES),
    content: payload.slice(SEQ_BYTES + TIME_BYTES)
  }
}

export function jsonPayload(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** Parses a payload whose checksum was checked. */
export function readJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload))
}

/** Returns the checksum. It only detects damage; contents are checked against their digests as well. */
function checksum(key: string, payload: Uint8Array): number {
  return crc32c(payload, crc32c(new TextEncoder().encode(`${key}\n`)))
}
