/** How records look on disk: 8 bytes of a checksum over key and payload, then the payload. */
import { blake3Digest, type ArchivedUpdate } from '@rumormill/protocol'

const CHECKSUM_BYTES = 8
const SEQ_BYTES = 8
const TIME_BYTES = 8

/** A record of `payload` under `key`. */
export function sealed(key: string, payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(CHECKSUM_BYTES + payload.length)
  record.set(checksum(key, payload))
  record.set(payload, CHECKSUM_BYTES)
  return record
}

/** The payload, a copy; `undefined` when the record is not what was written under `key`. */
export function opened(key: string, record: Uint8Array): Uint8Array | undefined {
  if (record.length < CHECKSUM_BYTES) return undefined
  // A database may give a Buffer, whose slice is no copy and lies anywhere in a larger block.
  const payload = new Uint8Array(record.subarray(CHECKSUM_BYTES))
  return checksum(key, payload).every((byte, index) => byte === record[index]) ? payload : undefined
}

/** `seq` gives the order at the next load. */
export function updatePayload(seq: number, { acceptedAtMs, content }: ArchivedUpdate): Uint8Array {
  const payload = new Uint8Array(SEQ_BYTES + TIME_BYTES + content.length)
  const view = new DataView(payload.buffer)
  view.setFloat64(0, seq)
  view.setFloat64(SEQ_BYTES, acceptedAtMs)
  payload.set(content, SEQ_BYTES + TIME_BYTES)
  return payload
}

export function readUpdate(payload: Uint8Array): { seq: number, acceptedAtMs: number, content: Uint8Array } | undefined {
  if (payload.length < SEQ_BYTES + TIME_BYTES) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset)
  return {
    seq: view.getFloat64(0),
    acceptedAtMs: view.getFloat64(SEQ_BYTES),
    content: payload.slice(SEQ_BYTES + TIME_BYTES)
  }
}

export function jsonPayload(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/** Only of a payload whose checksum is right. */
export function readJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload))
}

function checksum(key: string, payload: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(`${key}\n`)
  const all = new Uint8Array(name.length + payload.length)
  all.set(name)
  all.set(payload, name.length)
  return blake3Digest(all).subarray(0, CHECKSUM_BYTES)
}
