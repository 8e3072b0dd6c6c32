/** The send queue of one stream, with the promises of the queued messages. */

import { GossipError } from '@rumormill/protocol/plugin'
import type { AbortWatch, AbortWatcher } from './abort-watch.ts'
import type { ByteBudget, Holder } from './byte-budget.ts'
import { FRAME_KIND, HEADER_BYTES, type OutFrame } from './frame.ts'

/**
 * Messages that share one promise: those queued with one signal since the last parcel was closed. A promise and a listener
 * per message would cost several times as much as the message. A large message has a parcel of its own.
 */
class Parcel {
  readonly messages: Uint8Array[] = []
  bytes = 0
  /** How many messages were passed to the stream; of a large message, how many of its bytes. */
  given = 0
  isClosed = false
  readonly signal: AbortSignal
  readonly taken: Promise<void>
  resolve!: () => void
  reject!: (reason: unknown) => void

  constructor(signal: AbortSignal) {
    this.signal = signal
    this.taken = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}

/** One write to the stream. */
interface Write {
  /** The parcels whose last bytes are in this write. */
  readonly ended: Parcel[]
  messages: number
  bytes: number
  /** Bytes without headers. */
  bodyBytes: number
}

/** The size of what {@link OutQueue.take} added to a write. */
export interface TakenFrames {
  readonly bodyBytes: number
  /** How many messages end in the write. */
  readonly messages: number
}

/** The size at which a parcel is closed. */
const PARCEL_BYTES = 65_536

export interface QueueLimits {
  readonly queuedBytesPerConnection: number
  readonly queuedFramesPerConnection: number
}

/** The state that all streams of a transport share. */
export interface QueueShare {
  readonly aborts: AbortWatch
  readonly queued: ByteBudget
}

export class OutQueue implements AbortWatcher {
  readonly #limits: QueueLimits
  readonly #share: QueueShare
  readonly #holder: Holder
  /** Parcels not yet passed to the stream, oldest first. */
  #small: Parcel[] = []
  #large: Parcel[] = []
  /** Writes passed to the stream that it has not yet taken, oldest first. */
  readonly #writes: Write[] = []
  /** Messages and bytes that wait or are being written. */
  #messages = 0
  #bytes = 0
  /** How many parcels an abort of each signal would reject. */
  readonly #bySignal = new Map<AbortSignal, number>()

  constructor(limits: QueueLimits, share: QueueShare, holder: Holder) {
    this.#limits = limits
    this.#share = share
    this.#holder = holder
  }

  /** Bytes not yet taken by the network, headers included. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  get hasWaiting(): boolean {
    return this.#small.length > 0 || this.#large.length > 0
  }

  /** Writes not yet taken. */
  get writes(): number {
    return this.#writes.length
  }

  /** The bytes of these writes. */
  get writtenBytes(): number {
    return this.#writes.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /**
   * Queues a message; one of more than `partBytes` is sent in parts. Returns a promise that settles with its parcel, or
   * `undefined` when this queue or the byte budget of all queues is full.
   */
  add(message: Uint8Array, signal: AbortSignal, partBytes: number): Promise<void> | undefined {
    const bytes = message.length + HEADER_BYTES
    const { queuedBytesPerConnection, queuedFramesPerConnection } = this.#limits
    if (this.#messages >= queuedFramesPerConnection) return undefined
    if (this.#bytes + bytes > queuedBytesPerConnection) return undefined
    if (this.#share.queued.isFullFor(this.#holder, bytes)) return undefined
    const isLarge = message.length > partBytes
    let parcel = isLarge ? undefined : this.#small.at(-1)
    if (
      parcel === undefined ||
      parcel.isClosed ||
      parcel.signal !== signal ||
      parcel.bytes + bytes > PARCEL_BYTES
    ) {
      parcel = this.#openParcel(signal, isLarge)
    }
    parcel.messages.push(message)
    parcel.bytes += bytes
    this.#messages++
    this.#bytes += bytes
    this.#share.queued.hold(this.#holder, this.#bytes)
    return parcel.taken
  }

  /**
   * Adds the frames of the next write, of at most `most` bytes together, to `frames`. Adds none when the first does not fit,
   * unless `forced`. Small messages go first, and leave a quarter of the bytes to large ones.
   */
  take(frames: OutFrame[], most: number, partBytes: number, forced: boolean): TakenFrames {
    const write: Write = { ended: [], messages: 0, bytes: 0, bodyBytes: 0 }
    const forSmall = this.#large.length === 0 ? most : most - (most >> 2)
    this.#takeSmall(forSmall, forced ? Infinity : most, write, frames)
    while (
      this.#large.length > 0 &&
      this.#takePart(Math.min(partBytes, most - write.bytes), write, frames)
    );
    if (write.bodyBytes > 0) this.#writes.push(write)
    return write
  }

  /** Settles the oldest write: the stream has taken it. */
  taken(): void {
    const write = this.#writes.shift()
    if (write === undefined) return
    this.#messages -= write.messages
    this.#bytes -= write.bytes
    this.#share.queued.progressed(this.#holder, this.#bytes)
    for (const parcel of write.ended) {
      this.#forget(parcel)
      parcel.resolve()
    }
  }

  /** Rejects all messages with `error`. The queue must not be used afterwards. */
  fail(error: GossipError): void {
    const parcels = [...this.#writes.flatMap(({ ended }) => ended), ...this.#small, ...this.#large]
    this.#writes.length = this.#small.length = this.#large.length = 0
    this.#messages = this.#bytes = 0
    this.#share.queued.release(this.#holder)
    for (const parcel of parcels) {
      this.#forget(parcel)
      parcel.reject(error)
    }
  }

  /** Rejects what was queued with `signal`, and discards it, except for the rest of a message that has begun. */
  aborted(signal: AbortSignal): void {
    this.#bySignal.delete(signal)
    const parcels = [...this.#writes.flatMap(({ ended }) => ended), ...this.#small, ...this.#large]
    for (const parcel of parcels) if (parcel.signal === signal) parcel.reject(signal.reason)
    this.#small = this.#small.filter(
      (parcel) => parcel.signal !== signal || !this.#dropRest(parcel)
    )
    this.#large = this.#large.filter(
      (parcel) => parcel.signal !== signal || parcel.given > 0 || !this.#dropRest(parcel)
    )
    if (this.#bytes === 0) this.#share.queued.release(this.#holder)
    else this.#share.queued.hold(this.#holder, this.#bytes)
  }

  #takeSmall(most: number, mostOfFirst: number, write: Write, frames: OutFrame[]): void {
    while (this.#small.length > 0) {
      const parcel = this.#small[0]!
      parcel.isClosed = true
      const { messages } = parcel
      for (; parcel.given < messages.length; parcel.given++) {
        const message = messages[parcel.given]!
        const bytes = write.bytes + message.length + HEADER_BYTES
        if (bytes > (write.bodyBytes === 0 ? mostOfFirst : most)) return
        frames.push(message)
        write.bytes = bytes
        write.bodyBytes += message.length
        write.messages++
      }
      write.ended.push(parcel)
      this.#small.shift()
    }
  }

  /** Adds the next part of the first large message. Returns whether it fitted. */
  #takePart(mostBytes: number, write: Write, frames: OutFrame[]): boolean {
    const parcel = this.#large[0]!
    const message = parcel.messages[0]!
    const left = message.length - parcel.given
    // A smaller part is not worth a frame, unless it is the last one.
    if (mostBytes < Math.min(left, LEAST_PART_BYTES)) return false
    const bytes = Math.min(left, mostBytes)
    const isLast = bytes === left
    frames.push({
      kind: isLast ? FRAME_KIND.lastPart : FRAME_KIND.part,
      body: message.subarray(parcel.given, parcel.given + bytes)
    })
    parcel.given += bytes
    write.bytes += bytes
    write.bodyBytes += bytes
    if (!isLast) return true
    write.bytes += HEADER_BYTES
    write.messages++
    write.ended.push(parcel)
    this.#large.shift()
    return true
  }

  #openParcel(signal: AbortSignal, isLarge: boolean): Parcel {
    const parcel = new Parcel(signal)
    ;(isLarge ? this.#large : this.#small).push(parcel)
    const parcels = this.#bySignal.get(signal) ?? 0
    this.#bySignal.set(signal, parcels + 1)
    if (parcels === 0) this.#share.aborts.add(signal, this)
    return parcel
  }

  /** Discards the unsent messages of a parcel; returns true. */
  #dropRest(parcel: Parcel): boolean {
    const rest = parcel.messages.slice(parcel.given)
    this.#messages -= rest.length
    for (const message of rest) this.#bytes -= message.length + HEADER_BYTES
    return true
  }

  #forget({ signal }: Parcel): void {
    const parcels = this.#bySignal.get(signal)
    if (parcels === undefined) return
    if (parcels > 1) return void this.#bySignal.set(signal, parcels - 1)
    this.#bySignal.delete(signal)
    this.#share.aborts.remove(signal, this)
  }
}

const LEAST_PART_BYTES = 256
