/** What waits to be written on one lane, and the promises of those who wait for it. */

import { GossipError } from '@rumormill/protocol'
import type { AbortWatch, AbortWatcher } from './abort-watch.ts'
import { HEADER_BYTES } from './framing.ts'

/**
 * Frames that leave together and share one promise: those queued under one signal since the last parcel was closed.
 * A promise and a listener per frame would cost several times more than the frame.
 */
class Parcel {
  readonly frames: Uint8Array[] = []
  bytes = 0
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

/** A parcel that has grown to this many bytes is closed; one write takes about as much. */
const PARCEL_BYTES = 65_536

export interface QueueLimits {
  readonly queuedBytesPerLane: number
  readonly queuedFramesPerLane: number
}

export class OutQueue implements AbortWatcher {
  readonly #limits: QueueLimits
  /** Not yet given to the socket, oldest first. */
  #waiting: Parcel[] = []
  /** Given to the socket, which has not yet said that it took them; one list for each write, oldest first. */
  readonly #leaving: Parcel[][] = []
  #leavingFrames = 0
  #leavingBytes = 0
  #waitingFrames = 0
  #waitingBytes = 0
  /** How many parcels an abort would reject. */
  readonly #bySignal = new Map<AbortSignal, number>()
  readonly #aborts: AbortWatch

  constructor(limits: QueueLimits, aborts: AbortWatch) {
    this.#limits = limits
    this.#aborts = aborts
  }

  /** Bytes not yet taken by the network, headers included. */
  get bytes(): number {
    return this.#waitingBytes + this.#leavingBytes
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#leaving.length === 0
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Writes not yet taken. */
  get writes(): number {
    return this.#leaving.length
  }

  /** Queues a frame. The promise settles with its parcel; undefined when the queue is full. */
  add(frame: Uint8Array, signal: AbortSignal): Promise<void> | undefined {
    const frameBytes = frame.length + HEADER_BYTES
    const limits = this.#limits
    if (this.#waitingFrames + this.#leavingFrames >= limits.queuedFramesPerLane) return undefined
    if (this.#waitingBytes + this.#leavingBytes + frameBytes > limits.queuedBytesPerLane)
      return undefined
    let parcel = this.#waiting[this.#waiting.length - 1]
    if (
      parcel === undefined ||
      parcel.signal !== signal ||
      parcel.bytes + frameBytes > PARCEL_BYTES
    ) {
      parcel = this.#openParcel(signal)
    }
    parcel.frames.push(frame)
    parcel.bytes += frameBytes
    this.#waitingFrames++
    this.#waitingBytes += frameBytes
    return parcel.taken
  }

  /** The frames of the next write. They stay counted until they are {@link taken}. */
  take(): Uint8Array[] {
    const first = this.#waiting[0]!
    let count = 1
    let bytes = first.bytes
    let frames = first.frames
    for (
      ;
      count < this.#waiting.length && bytes + this.#waiting[count]!.bytes <= PARCEL_BYTES;
      count++
    ) {
      bytes += this.#waiting[count]!.bytes
      frames = frames.concat(this.#waiting[count]!.frames)
    }
    this.#leaving.push(this.#waiting.splice(0, count))
    this.#leavingFrames += frames.length
    this.#leavingBytes += bytes
    this.#waitingFrames -= frames.length
    this.#waitingBytes -= bytes
    return frames
  }

  /** The socket took the oldest write. */
  taken(): void {
    for (const parcel of this.#leaving.shift() ?? []) {
      this.#leavingFrames -= parcel.frames.length
      this.#leavingBytes -= parcel.bytes
      this.#forget(parcel)
      parcel.resolve()
    }
  }

  /** Rejects everything. The queue must not be used afterwards. */
  fail(error: GossipError): void {
    const parcels = [...this.#leaving.flat(), ...this.#waiting]
    this.#leaving.length = this.#waiting.length = 0
    this.#leavingFrames = this.#leavingBytes = this.#waitingFrames = this.#waitingBytes = 0
    for (const parcel of parcels) {
      this.#forget(parcel)
      parcel.reject(error)
    }
  }

  /** Rejects what was queued under `signal`. What has not left yet never will. */
  aborted(signal: AbortSignal): void {
    this.#bySignal.delete(signal)
    for (const parcel of [...this.#leaving.flat(), ...this.#waiting]) {
      if (parcel.signal === signal) parcel.reject(signal.reason)
    }
    this.#waiting = this.#waiting.filter((parcel) => {
      if (parcel.signal !== signal) return true
      this.#waitingFrames -= parcel.frames.length
      this.#waitingBytes -= parcel.bytes
      return false
    })
  }

  #openParcel(signal: AbortSignal): Parcel {
    const parcel = new Parcel(signal)
    this.#waiting.push(parcel)
    const parcels = this.#bySignal.get(signal) ?? 0
    this.#bySignal.set(signal, parcels + 1)
    if (parcels === 0) this.#aborts.add(signal, this)
    return parcel
  }

  #forget({ signal }: Parcel): void {
    const parcels = this.#bySignal.get(signal)
    if (parcels === undefined) return
    if (parcels > 1) return void this.#bySignal.set(signal, parcels - 1)
    this.#bySignal.delete(signal)
    this.#aborts.remove(signal, this)
  }
}
