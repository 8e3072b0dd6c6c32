/** The options that transports over byte streams share, their defaults, and their validation. */

import { completeOptions, whole, type Rng } from '@rumormill/protocol/plugin'
import { defaultRng } from './default-rng.ts'
import { HEADER_BYTES } from './frame.ts'

export interface StreamOptions {
  /** The longest message to send and to accept, in bytes. Default 1 MiB. Use one value in the whole group. */
  readonly maxMessageBytes?: number
  readonly limits?: Partial<StreamLimits>
  readonly deadlines?: Partial<StreamDeadlines>
  /** The rng for the jitter of the back-off. Default: seeded by `Math.random`. */
  readonly rng?: Rng
}

/** Limits on what peers can make this node hold. */
export interface StreamLimits {
  /** Bytes in the send queue of one connection. Default 4 MiB. */
  readonly queuedBytesPerConnection: number
  /** Messages in the send queue of one connection. Default 4096. */
  readonly queuedFramesPerConnection: number
  /** Bytes in all send queues. Beyond it, the connection whose peer has not read for longest is closed. Default 56 MiB. */
  readonly queuedBytes: number
  /** Bytes of half-received messages on all connections. Beyond it, the connection with the oldest is closed. Default 8 MiB. */
  readonly partialBytes: number
  /** Addresses remembered as unreachable. Beyond it, the oldest is forgotten. Default 1024. */
  readonly backOffAddresses: number
}

/** How long a peer may take, in milliseconds. One timer checks all deadlines, so each may fire up to half a second late. */
export interface StreamDeadlines {
  /** Time from the beginning of a connection or stream to the peer's hello. Default 5000. */
  readonly helloMs: number
  /** Time in which at least 1 KiB of a half-received message must arrive. Default 10000. */
  readonly frameMs: number
  /** Time for the network to take a write, or the peer to acknowledge some of it. Default 10000. */
  readonly writeMs: number
  /** Time without a message in either direction after which a connection or stream is closed. Default 120000. */
  readonly idleMs: number
  /** Silence after which a peer is pinged, if it is watched or something was sent to it. Default 3000. */
  readonly silentMs: number
  /** Time to answer a ping, at least eight round trips; then the connection is closed. Default 2000. */
  readonly answerMs: number
  /** The pause after the first failed dial; it doubles with each further failure. Default 100. */
  readonly firstBackOffMs: number
  /** The longest pause after failed dials. Default 5000. */
  readonly longestBackOffMs: number
}

/** The complete, validated options. */
export interface StreamConfig {
  readonly maxMessageBytes: number
  readonly limits: StreamLimits
  readonly deadlines: StreamDeadlines
  readonly rng: Rng
}

export const STREAM_LIMITS: StreamLimits = {
  queuedBytesPerConnection: 4 * 2 ** 20,
  queuedFramesPerConnection: 4096,
  queuedBytes: 56 * 2 ** 20,
  partialBytes: 8 * 2 ** 20,
  backOffAddresses: 1024
}

export const STREAM_DEADLINES: StreamDeadlines = {
  helloMs: 5000,
  frameMs: 10_000,
  writeMs: 10_000,
  idleMs: 120_000,
  silentMs: 3000,
  answerMs: 2000,
  firstBackOffMs: 100,
  longestBackOffMs: 5000
}

/** The upper bound is also the longest delay of a timer; longer ones would fire at once. */
const COUNT = whole(1, 2 ** 31 - 1)

/** What a transport adds to the shared options. */
interface Additions<Limits, Deadlines> {
  readonly limits: Limits
  readonly deadlines: Deadlines
  /** The names of its other options. */
  readonly names: readonly string[]
  readonly leastMessageBytes: number
}

/** Adds the defaults to the shared options. Adds a reason to `reasons` for each option that is wrong, or that is none. */
export function checkStreamOptions<Limits extends StreamLimits, Deadlines extends StreamDeadlines>(
  options: StreamOptions & {
    readonly limits?: Partial<Limits>
    readonly deadlines?: Partial<Deadlines>
  },
  own: Additions<Limits, Deadlines>,
  reasons: string[]
): StreamConfig & { readonly limits: Limits; readonly deadlines: Deadlines } {
  const limits = completeOptions('limits', options.limits, own.limits, COUNT, reasons)
  const deadlines = completeOptions('deadlines', options.deadlines, own.deadlines, COUNT, reasons)
  const maxMessageBytes = options.maxMessageBytes ?? 2 ** 20
  const reason = whole(own.leastMessageBytes, 2 ** 30)(maxMessageBytes)
  if (reason !== undefined) reasons.push(`maxMessageBytes ${reason}`)
  for (const name of ['queuedBytesPerConnection', 'queuedBytes', 'partialBytes'] as const) {
    if (limits[name] < maxMessageBytes + HEADER_BYTES)
      reasons.push(`limits.${name} must be at least maxMessageBytes + ${HEADER_BYTES}`)
  }
  const names = ['maxMessageBytes', 'limits', 'deadlines', 'rng', ...own.names]
  for (const name of Object.keys(options))
    if (!names.includes(name)) reasons.push(`${name} is not an option`)
  return { maxMessageBytes, limits, deadlines, rng: options.rng ?? defaultRng() }
}
