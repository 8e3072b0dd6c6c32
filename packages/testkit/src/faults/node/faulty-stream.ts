/** One direction of a connection through the proxy: copies bytes from one socket to another, with faults. */

import type { Socket } from 'node:net'
import type { Clock, Rng } from '@rumormill/protocol/plugin'
import { nextDelayMs } from '../faults.ts'
import { FrameDoubler } from './frame-doubler.ts'
import type { ProxyCounts, StreamFaults } from './stream-faults.ts'

/** The most queued bytes; beyond it, reading pauses. */
const MAX_QUEUED_BYTES = 2 ** 20

/** The pause from the last bytes to a reset: libuv reports an end if a reader gets both at once. */
const RESET_PAUSE_MS = 5

/** The parts of the proxy that its streams use. */
export interface StreamOwner {
  readonly clock: Clock
  readonly rng: Rng
  readonly counts: { -readonly [Count in keyof ProxyCounts]: ProxyCounts[Count] }
}

/** A scheduled action: bytes to write, the end of the stream, or the reset of the connection. */
interface Due {
  readonly atMs: number
  readonly act: 'write' | 'end' | 'reset'
  readonly bytes: Uint8Array
}

const NOTHING = new Uint8Array(0)

export class FaultyStream {
  readonly #source: Socket
  readonly #target: Socket
  readonly #owner: StreamOwner
  readonly #reset: () => void
  readonly #doubler = new FrameDoubler()
  readonly #queue: Due[] = []
  #faults: StreamFaults
  #queuedBytes = 0
  /** Bytes of this connection that were forwarded or queued. */
  #passedBytes = 0
  /** Until when the line is busy, and when the last queued action is due. */
  #lineFreeMs = 0
  #lastDueMs = 0
  /** Whether the stream was closed or reset. */
  #isOver = false
  #isBlocked = false
  #cancel: () => void = () => {}

  /** `reset` must end the whole connection. */
  constructor(
    source: Socket,
    target: Socket,
    faults: StreamFaults,
    owner: StreamOwner,
    reset: () => void
  ) {
    this.#source = source
    this.#target = target
    this.#owner = owner
    this.#reset = reset
    this.#faults = faults
    source.on('data', (chunk: Uint8Array) => this.#take(chunk))
    source.on('end', () => this.#close())
    target.on('drain', () => {
      this.#isBlocked = false
      this.#pump()
    })
    this.#heedPressure()
  }

  set(faults: StreamFaults): void {
    this.#faults = faults
    this.#heedPressure()
    this.#pump()
  }

  stop(): void {
    this.#isOver = true
    this.#queue.length = 0
    this.#cancel()
  }

  #take(chunk: Uint8Array): void {
    const { swallow, duplicate } = this.#faults
    let chosen = 0
    const pieces = this.#doubler.pass(chunk, () => {
      const isChosen = this.#happens(duplicate)
      if (isChosen) chosen++
      return isChosen
    })
    if (swallow || this.#isOver) {
      this.#owner.counts.swallowedBytes += chunk.length
      return
    }
    this.#owner.counts.duplicatedFrames += chosen
    for (const piece of pieces) this.#pass(this.#perhapsFlipped(piece))
    this.#heedPressure()
    this.#pump()
  }

  /** Queues the bytes that the limits allow, in slices. */
  #pass(bytes: Uint8Array): void {
    if (this.#isOver) return
    const { resetAfterBytes, closeAfterBytes, sliceBytes } = this.#faults
    const left = Math.max(0, Math.min(resetAfterBytes, closeAfterBytes) - this.#passedBytes)
    const passing = bytes.subarray(0, Math.min(left, bytes.length))
    for (let at = 0; at < passing.length; at += sliceBytes)
      this.#enqueue('write', passing.subarray(at, at + sliceBytes), 0)
    this.#passedBytes += passing.length
    if (passing.length < left) return
    if (resetAfterBytes <= closeAfterBytes) this.#enqueue('reset', NOTHING, RESET_PAUSE_MS)
    else this.#close()
    this.#isOver = true
  }

  #close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#enqueue('end', NOTHING, this.#faults.closeDelayMs)
    this.#pump()
  }

  #enqueue(act: Due['act'], bytes: Uint8Array, extraMs: number): void {
    const { delayMs, bytesPerSecond } = this.#faults
    this.#lineFreeMs =
      Math.max(this.#owner.clock.now(), this.#lineFreeMs) + (1000 * bytes.length) / bytesPerSecond
    const dueMs = this.#lineFreeMs + nextDelayMs(delayMs, this.#owner.rng)
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs) + extraMs
    this.#queue.push({ atMs: this.#lastDueMs, act, bytes })
    this.#queuedBytes += bytes.length
  }

  /** Runs the due actions. Each slice has its own turn, or the system would join them. */
  #pump(): void {
    this.#cancel()
    while (!this.#faults.stall && !this.#isBlocked) {
      const next = this.#queue[0]
      if (next === undefined) return
      if (next.atMs > this.#owner.clock.now()) {
        this.#cancel = this.#owner.clock.wakeAt(next.atMs, () => this.#pump())
        return
      }
      this.#queue.shift()
      this.#perform(next)
      if (next.bytes.length <= this.#faults.sliceBytes && this.#faults.sliceBytes < Infinity) {
        const turn = setImmediate(() => this.#pump())
        this.#cancel = () => clearImmediate(turn)
        return
      }
    }
  }

  #perform({ act, bytes }: Due): void {
    if (act === 'reset') return this.#reset()
    if (act === 'end') return void this.#target.end()
    this.#queuedBytes -= bytes.length
    this.#owner.counts.passedBytes += bytes.length
    this.#isBlocked = !this.#target.write(bytes)
    this.#heedPressure()
  }

  /** Pauses reading while too many bytes are queued, so that the sender notices the slow line. */
  #heedPressure(): void {
    if (this.#faults.stall || this.#queuedBytes > MAX_QUEUED_BYTES) this.#source.pause()
    else if (this.#source.isPaused()) this.#source.resume()
  }

  #perhapsFlipped(bytes: Uint8Array): Uint8Array {
    const { flip, flipAfterBytes } = this.#faults
    const at = flipAfterBytes - this.#passedBytes
    if (at >= 0 && at < bytes.length) return this.#flipped(bytes, at, 0xff)
    return this.#happens(flip)
      ? this.#flipped(bytes, this.#owner.rng.below(bytes.length), 1 << this.#owner.rng.below(8))
      : bytes
  }

  #flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
    const changed = Uint8Array.from(bytes)
    changed[at]! ^= bits
    this.#owner.counts.flippedBytes++
    return changed
  }

  #happens(share: number): boolean {
    return share > 0 && this.#owner.rng.fraction() < share
  }
}
