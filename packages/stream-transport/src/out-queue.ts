/** What waits to be written on one stream, and the promises of those who wait for it. */

import { GossipError } from '@rumormill/protocol'
import type { AbortWatch, AbortWatcher } from './abort-watch.ts'
import type { ByteBudget, Holder } from './byte-budget.ts'
import { FRAME_KIND, HEADER_BYTES, type OutFrame } from './frame.ts'

/**
 * Messages that share one promise: those queued under one signal since the last parcel was closed. A promise and a listener
 * per message would cost several times more than the message. A large message is a parcel of its own.
 */
class Parcel {
  readonly messages: Uint8Array[] = []
  bytes = 0
  /** How many of the messages, and for a large one how many of its bytes, have been given to the stream. */
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

/** What was given to the stream at once. */
interface Write {
  /** Those whose last bytes are in it. */
  readonly ended: Parcel[]
  messages: number
  bytes: number
  /** Without headers. */
  bodyBytes: number
}

/** What was added to a write. */
export interface TakenFrames {
  readonly bodyBytes: number
  /** How many messages end in it. */
  readonly messages: number
}

/** A parcel that has grown to this many bytes is closed; one write takes about as much. */
const PARCEL_BYTES = 65_536

export interface QueueLimits {
  readonly queuedBytesPerConnection: number
  readonly queuedFramesPerConnection: number
}

/** The room that all streams of a transport share, and who is to pay for this one when it is used up. */
export interface QueueShare {
  readonly aborts: AbortWatch
  readonly queued: ByteBudget
}

export class OutQueue implements AbortWatcher {
  readonly #limits: QueueLimits
  readonly #share: QueueShare
  readonly #holder: Holder
  /** Not yet given to the stream, oldest first. */
  #small: Parcel[] = []
  #large: Parcel[] = []
  /** Given to the stream, which has not yet said that it took them, oldest first. */
  readonly #writes: Write[] = []
  /** What waits and what is being written. */
  #messages = 0
  #bytes = 0
  /** How many parcels an abort would reject. */
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

  /**
   * Queues a message; one of more than `partBytes` travels in parts. The promise settles with its parcel; undefined when the
   * queue, or the room that all share, is full.
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
   * Adds to `frames` those of the next write, of at most `roomBytes` together; none when not even the first fits, unless it is
   * `forced`. Small messages go first and leave a quarter of the room to a large one.
   */
  take(frames: OutFrame[], roomBytes: number, partBytes: number, forced: boolean): TakenFrames {
    const write: Write = { ended: [], messages: 0, bytes: 0, bodyBytes: 0 }
    const most = Math.min(roomBytes, PARCEL_BYTES + HEADER_BYTES)
    const forSmall = this.#large.length === 0 ? most : most - (most >> 2)
    this.#takeSmall(forSmall, forced ? Infinity : most, write, frames)
    if (this.#large.length > 0)
      this.#takePart(Math.min(partBytes, most - write.bytes), write, frames)
    if (write.bodyBytes > 0) this.#writes.push(write)
    return write
  }

  /** The stream took the oldest write. */
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

  /** Rejects everything. The queue must not be used afterwards. */
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

  /** Rejects what was queued under `signal`. What has not left yet never will, but for the rest of a message begun. */
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

  #takePart(mostBytes: number, write: Write, frames: OutFrame[]): void {
    const parcel = this.#large[0]!
    const message = parcel.messages[0]!
    const left = message.length - parcel.given
    // Less than that is not worth a frame, unless it is the rest.
    if (mostBytes < Math.min(left, LEAST_PART_BYTES)) return
    const bytes = Math.min(left, mostBytes)
    const isLast = bytes === left
    frames.push({
      kind: isLast ? FRAME_KIND.lastPart : FRAME_KIND.part,
      body: message.subarray(parcel.given, parcel.given + bytes)
    })
    parcel.given += bytes
    write.bytes += bytes
    write.bodyBytes += bytes
    if (!isLast) return
    write.bytes += HEADER_BYTES
    write.messages++
    write.ended.push(parcel)
    this.#large.shift()
  }

  #openParcel(signal: AbortSignal, isLarge: boolean): Parcel {
    const parcel = new Parcel(signal)
    ;(isLarge ? this.#large : this.#small).push(parcel)
    const parcels = this.#bySignal.get(signal) ?? 0
    this.#bySignal.set(signal, parcels + 1)
    if (parcels === 0) this.#share.aborts.add(signal, this)
    return parcel
  }

  /** Of a parcel that will not be written on; returns true. */
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
