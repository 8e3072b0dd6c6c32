/**
 * The entry point of `@rumormill/stream-transport`: the common parts of transports over byte streams.
 * @module @rumormill/stream-transport
 */
export { AbortWatch } from './abort-watch.ts'
export { BackOff, type BackOffOptions } from './back-off.ts'
export { ByteBudget, type Holder } from './byte-budget.ts'
export { ofLargestHost } from './crowd.ts'
export { defaultRng } from './default-rng.ts'
export { DialGuard, unprovedHostError } from './dial-guard.ts'
export {
  endsInPeace,
  evictionError,
  farewellError,
  isTurnedAway,
  narrowPathError,
  silenceError,
  turnedAwayError,
  unfinishedError,
  unreadError,
  withoutCode
} from './endings.ts'
export {
  FRAME_KIND,
  HEADER_BYTES,
  MAX_FRAME_BYTES,
  pongFrame,
  type GoodbyeReason,
  type OutFrame
} from './frame.ts'
export { ipv6Host, ipv6Prefix, mappedIpv4 } from './ipv6-prefix.ts'
export { GuardedReceiver } from './guarded-receiver.ts'
export { mismatch } from './labels.ts'
export { NarrowPaths } from './narrow-paths.ts'
export { OutQueue, type QueueLimits, type QueueShare } from './out-queue.ts'
export { packFrames } from './pack-frames.ts'
export { Pace, type PaceLimits } from './pace.ts'
export { ReportedPeers } from './reported-peers.ts'
export { sendObjection, stoppedError, type Life } from './sending.ts'
export { StreamContext, type StreamStats } from './stream-context.ts'
export {
  checkStreamOptions,
  STREAM_DEADLINES,
  STREAM_LIMITS,
  type StreamConfig,
  type StreamDeadlines,
  type StreamLimits,
  type StreamOptions
} from './stream-options.ts'
export { StreamReader, type ControlFrames, type ReaderLimits } from './stream-reader.ts'
export { packGoodbye, StreamWriter, type NextWrite } from './stream-writer.ts'
export { Sweep } from './sweep.ts'
export { Twins, type Claimant, type TwinsShare } from './twins.ts'
