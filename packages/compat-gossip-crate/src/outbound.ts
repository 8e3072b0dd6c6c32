/** Outgoing messages, with a few connections to each address, so that a slow peer delays no other. */

import { GossipError } from '@rumormill/protocol/plugin'
import { formatAddress, parseAddress, type HostAndPort } from './address.ts'
import { dial, type Dial } from './dial.ts'
import type { Limits } from './options.ts'
import type { Refusals } from './stats.ts'

/** A message between `send` and its end. */
interface Delivery {
  readonly bytes: Uint8Array
  /** Settles the promise of `send`. Idempotent. */
  readonly settle: (error?: unknown) => void
  dial: Dial | undefined
}

/** The messages to one address. */
interface Line {
  readonly to: HostAndPort
  readonly waiting: Set<Delivery>
  open: number
}

export class Outbound {
  readonly #limits: Limits
  readonly #refused: Refusals
  readonly #lines = new Map<string, Line>()
  /** The open connections, oldest first. */
  readonly #dials = new Set<Dial>()
  readonly #deliveries = new Set<Delivery>()

  constructor(limits: Limits, refused: Refusals) {
    this.#limits = limits
    this.#refused = refused
  }

  get connections(): number {
    return this.#dials.size
  }

  get waiting(): number {
    return [...this.#lines.values()].reduce((sum, { waiting }) => sum + waiting.size, 0)
  }

  /** Sends a message. Settles as `send` of a transport does. */
  send(to: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const target = parseAddress(to)
    if (target === undefined)
      return Promise.reject(
        new GossipError(
          'INVALID_ADDRESS',
          `${to} is not IP:PORT, and the crate does not support host names`
        )
      )
    if (bytes.length > this.#limits.maxMessageBytes) {
      return Promise.reject(
        new GossipError('MESSAGE_TOO_LARGE', `${bytes.length} bytes to ${to} (maxMessageBytes)`)
      )
    }
    if (signal.aborted) return Promise.reject(signal.reason)
    const name = formatAddress(target)
    const line = this.#lines.get(name) ?? { to: target, waiting: new Set(), open: 0 }
    if (line.waiting.size >= this.#limits.maxWaitingPerPeer) {
      this.#refused['waiting-full']++
      return Promise.reject(
        new GossipError(
          'OVERLOADED',
          `${line.waiting.size} messages wait for ${to} (maxWaitingPerPeer)`
        )
      )
    }
    this.#lines.set(name, line)
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        delivery.settle(signal.reason)
        delivery.dial?.abandon(new GossipError('CONNECTION_LOST', 'the send was aborted'))
      }
      const delivery: Delivery = {
        bytes,
        dial: undefined,
        settle: (error) => {
          if (!this.#deliveries.delete(delivery)) return
          signal.removeEventListener('abort', onAbort)
          line.waiting.delete(delivery)
          if (error === undefined) resolve()
          else reject(error)
        }
      }
      signal.addEventListener('abort', onAbort)
      this.#deliveries.add(delivery)
      line.waiting.add(delivery)
      this.#proceed(line)
    })
  }

  stop(reason: GossipError): void {
    for (const delivery of this.#deliveries) delivery.settle(reason)
    for (const each of this.#dials) each.abandon(reason)
  }

  #proceed(line: Line): void {
    for (const delivery of line.waiting) {
      if (line.open >= this.#limits.maxOutboundPerPeer) return
      line.waiting.delete(delivery)
      this.#open(line, delivery)
    }
    if (line.open === 0 && line.waiting.size === 0) this.#lines.delete(formatAddress(line.to))
  }

  #open(line: Line, delivery: Delivery): void {
    this.#freeSlot()
    line.open++
    const opened = dial(line.to, delivery.bytes, this.#limits, this.#refused, {
      settled: (error) => {
        delivery.settle(error)
        // The waiting messages to a peer that is unreachable or does not read would fail, too; a later round repairs the loss.
        if (error?.code === 'UNREACHABLE' || error?.code === 'TIMED_OUT')
          for (const each of line.waiting) each.settle(error)
      },
      closed: () => {
        this.#dials.delete(opened)
        line.open--
        this.#proceed(line)
      }
    })
    this.#dials.add(opened)
    delivery.dial = opened
  }

  /** Closes the oldest connection when there are too many, so that hanging hosts do not block others. */
  #freeSlot(): void {
    const [oldest] = this.#dials
    if (oldest === undefined || this.#dials.size < this.#limits.maxOutbound) return
    this.#dials.delete(oldest)
    this.#refused['outbound-full']++
    oldest.abandon(
      new GossipError(
        'OVERLOADED',
        `had the oldest of ${this.#limits.maxOutbound} connections (maxOutbound)`
      )
    )
  }
}
