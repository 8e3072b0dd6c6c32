/**
 * Limits how many bytes a stream has unacknowledged, and detects a dead peer. Both use pings, which the peer answers with
 * the number of bytes that it has received.
 *
 * At most an eighth of a second of the path's rate is unacknowledged. Everything else waits in the queue of this node, where
 * small messages overtake large ones, and not in the buffers of the operating system, where they cannot. The rate is
 * measured as in BBR (Cardwell et al. 2016, section "Estimating BtlBw and RTprop"): the highest delivery rate of the latest
 * rounds in which the path, not the sender, was the limit. A round trip that is longer than the shortest by an eighth of a
 * second shows that a queue has built up. Then only the rate of that round trip counts: a higher rate before it may have
 * been a burst that a slow path lets through.
 */

export interface PaceLimits {
  /** The peer is pinged after this much silence, if it is watched or something was sent to it. */
  readonly silentMs: number
  /** A peer whose pong takes longer than this, and longer than eight round trips, is dead. */
  readonly answerMs: number
}

interface Ping {
  readonly number: number
  readonly atMs: number
  readonly sentBytes: number
  /** The acknowledged bytes when the ping was sent. */
  readonly acknowledgedBytes: number
  /** Whether more bytes were waiting, so that the path was the limit. */
  readonly isLimited: boolean
  /** The largest write since the ping before it. */
  readonly largestBytes: number
}

/**
 * How much the window exceeds what the path itself holds. Half of the promised quarter of a second, because two streams may
 * share a path.
 */
const UNACKNOWLEDGED_MS = 125
/** The window of a new stream: a quarter of a second at 256 kbit/s. */
const FIRST_WINDOW_BYTES = 8192
const LEAST_WINDOW_BYTES = 4096
/** The least bytes of one write, and between two pings, on paths that carry more than a few of these in a window. */
const LEAST_BATCH_BYTES = 65_536
const MOST_WRITE_BYTES = 1_048_576
const MOST_UNPINGED_BYTES = 4_194_304
/** How long the highest measured rate counts. */
const RATE_MS = 1000
/** A round trip longer than the shortest by this has waited in a queue that must become shorter. */
const QUEUED_MS = 125
/** A window has passed its trial after this time without a queue, or after this many bytes and windows have arrived. */
const TRIAL_MS = 50
const LEAST_TRIAL_BYTES = 65_536
const TRIAL_WINDOWS = 4
/** Shorter round trips count as this long: the clock is too coarse to measure them. */
const LEAST_ROUND_TRIP_MS = 0.5
const ROUND_TRIPS = 8
const MAX_NUMBER = 2 ** 32

/** The window where full-size packets are lost: with all headers it fits a packet of any path. */
const NARROW_BYTES = 480

export class Pace {
  /** Whether full-size packets are lost on this path. If so, one small write is sent at a time. */
  isNarrow = false
  readonly #limits: PaceLimits
  #sentBytes = 0
  #acknowledgedBytes = 0
  /** The bytes sent before the latest ping, and the largest write since. */
  #pingedBytes = 0
  #largestSinceBytes = 0
  #largestArrivedBytes = 0
  /** Unanswered pings, oldest first. */
  #pings: Ping[] = []
  #number = 0
  #windowBytes = FIRST_WINDOW_BYTES
  /** When the current trial of the window began. */
  #trialSinceMs: number
  /** When the last ping was sent while more bytes were waiting. */
  #limitedMs = -Infinity
  /** The bytes sent before the current trial began. */
  #trialBytes = 0
  /** The largest window that has passed a trial; the window may grow to twice this size. */
  #provenBytes = FIRST_WINDOW_BYTES / 2
  /** Bytes per millisecond: the highest rate of the current period of {@link RATE_MS}, and of the one before. */
  #rate = 0
  #rateBefore = 0
  #rateSinceMs: number
  #rateIsLimited = false
  #leastRoundTripMs = Infinity
  /** 0 before the first measurement. */
  #roundTripMs = 0
  #lastReceivedMs: number
  #sentMs = -Infinity
  #progressMs = 0

  constructor(limits: PaceLimits, nowMs: number) {
    this.#limits = limits
    this.#lastReceivedMs = this.#rateSinceMs = this.#trialSinceMs = nowMs
  }

  get unacknowledgedBytes(): number {
    return this.#sentBytes - this.#acknowledgedBytes
  }

  /** How many bytes may be written now; negative after the window has shrunk. */
  get freeBytes(): number {
    return (this.isNarrow ? NARROW_BYTES : this.#windowBytes) - this.unacknowledgedBytes
  }

  /** The size of the parts in which longer messages are sent, so that other messages do not wait long. */
  get partBytes(): number {
    if (this.isNarrow) return NARROW_BYTES
    return Math.min(LEAST_BATCH_BYTES, Math.max(1024, this.#windowBytes >> 2))
  }

  /** The most bytes of one write: on fast paths larger ones cost less, and on slow paths they delay small messages. */
  get writeBytes(): number {
    return Math.min(MOST_WRITE_BYTES, Math.max(LEAST_BATCH_BYTES, this.#windowBytes >> 5))
  }

  /** The time since which no sent bytes were acknowledged; 0 when no bytes are unacknowledged, or no pong is due. */
  get stalledSinceMs(): number {
    return this.unacknowledgedBytes > 0 && this.#pings.length > 0 ? this.#progressMs : 0
  }

  /** The largest acknowledged write. */
  get largestArrivedBytes(): number {
    return this.#largestArrivedBytes
  }

  /** The largest unacknowledged write. */
  get largestUnderWayBytes(): number {
    return Math.max(this.#largestSinceBytes, largestOf(this.#pings))
  }

  /** When the last bytes of the peer arrived. */
  get lastReceivedMs(): number {
    return this.#lastReceivedMs
  }

  received(nowMs: number): void {
    this.#lastReceivedMs = nowMs
  }

  /** Notes that `bytes` of messages have been written. */
  sent(bytes: number, nowMs: number): void {
    if (this.unacknowledgedBytes === 0) this.#progressMs = nowMs
    this.#sentBytes += bytes
    this.#largestSinceBytes = Math.max(this.#largestSinceBytes, bytes)
    this.#sentMs = nowMs
  }

  /** Returns the number of the first ping, which precedes all messages and so measures the empty path; later `undefined`. */
  firstPing(nowMs: number): number | undefined {
    return this.#number === 0 ? this.#ping(false, nowMs) : undefined
  }

  /** Returns the number of the ping that must follow this write, if any. `hasWaiting` says whether more bytes are queued. */
  pingAfterWrite(hasWaiting: boolean, nowMs: number): number | undefined {
    const unpingedBytes = this.#sentBytes - this.#pingedBytes
    const batchBytes = Math.min(
      MOST_UNPINGED_BYTES,
      // While nothing waits, a pong is needed only before the window is full, and it costs the peer a write.
      this.#windowBytes >> (hasWaiting ? 2 : 1),
      Math.max(LEAST_BATCH_BYTES, this.#windowBytes >> 3)
    )
    const due =
      this.isNarrow || unpingedBytes >= batchBytes || (hasWaiting && this.#pings.length === 0)
    return due ? this.#ping(hasWaiting, nowMs) : undefined
  }

  /** Returns the number of a ping if the window is full and no pong is due: without one, nothing more could be sent. */
  pingWhenStuck(nowMs: number): number | undefined {
    if (this.#pings.length > 0 || this.unacknowledgedBytes === 0 || this.freeBytes > 0)
      return undefined
    return this.#ping(true, nowMs)
  }

  /** Returns the number of a ping to a silent peer, if one is due: only a peer that is watched or was sent bytes is pinged. */
  pingInSilence(nowMs: number, isWatched: boolean): number | undefined {
    const isDue = this.#pings.length === 0 && this.calmMs(nowMs, isWatched) <= 0
    return isDue ? this.#ping(false, nowMs) : undefined
  }

  /** Returns for how many milliseconds neither a pong nor a ping to a silent peer can be due. */
  calmMs(nowMs: number, isWatched: boolean): number {
    if (this.#pings.length > 0) return 0
    const mustAnswer = isWatched || this.#sentMs >= this.#lastReceivedMs
    return mustAnswer ? this.#lastReceivedMs + this.#limits.silentMs - nowMs : Infinity
  }

  /** Returns for how long the peer has been silent while a pong is overdue; `undefined` when none is overdue. */
  deadMs(nowMs: number): number | undefined {
    const oldest = this.#pings[0]
    if (oldest === undefined) return undefined
    const limitMs = Math.max(this.#limits.answerMs, ROUND_TRIPS * this.#roundTripMs)
    const silentMs = nowMs - this.#lastReceivedMs
    return silentMs >= limitMs && nowMs - oldest.atMs >= limitMs ? silentMs : undefined
  }

  /** Handles a pong. All bytes sent before the ping have arrived, whatever the pong says. */
  pong(number: number, receivedBytes: number, nowMs: number): void {
    const index = this.#pings.findIndex((ping) => ping.number === number)
    const ping = this.#pings[index]
    if (ping === undefined) return
    const answered = this.#pings.splice(0, index + 1)
    this.#largestArrivedBytes = Math.max(this.#largestArrivedBytes, largestOf(answered))
    const arrivedBytes = Math.max(ping.sentBytes, Math.min(receivedBytes, this.#sentBytes))
    if (arrivedBytes > this.#acknowledgedBytes) {
      this.#progressMs = nowMs
      this.#acknowledgedBytes = arrivedBytes
    }
    const tripMs = Math.max(LEAST_ROUND_TRIP_MS, nowMs - ping.atMs)
    this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs, tripMs)
    this.#roundTripMs += (tripMs - this.#roundTripMs) / (this.#roundTripMs === 0 ? 1 : 8)
    const rate = (arrivedBytes - ping.acknowledgedBytes) / tripMs
    if (tripMs - this.#leastRoundTripMs > QUEUED_MS) this.#shrink(rate, nowMs)
    else this.#measure(rate, ping, nowMs)
  }

  /** Shrinks the window because a queue has built up: the rates measured before were those of a burst. */
  #shrink(rate: number, nowMs: number): void {
    this.#rateBefore = 0
    this.#rate = rate
    this.#rateSinceMs = nowMs
    this.#windowBytes = Math.min(this.#windowBytes, this.#bytesAt(rate))
    this.#beginTrial(this.#windowBytes / 2, nowMs)
  }

  #measure(rate: number, ping: Ping, nowMs: number): void {
    const { isLimited } = ping
    if (isLimited) {
      const isOver = nowMs - this.#rateSinceMs >= Math.max(RATE_MS, 4 * this.#leastRoundTripMs)
      if (isOver && this.#rateIsLimited) {
        this.#rateBefore = this.#rate
        this.#rate = 0
        this.#rateSinceMs = nowMs
      }
      this.#rateIsLimited = true
    } else if (rate <= Math.max(this.#rate, this.#rateBefore)) return
    this.#rate = Math.max(this.#rate, rate)
    const bytes = this.#bytesAt(Math.max(this.#rate, this.#rateBefore))
    if (bytes > this.#windowBytes) this.#grow(bytes, ping, nowMs)
    // While the sender was the limit, a low rate says nothing about the path.
    else if (isLimited) this.#windowBytes = bytes
  }

  /** Returns the window for a path with this rate. */
  #bytesAt(rate: number): number {
    const carriedBytes = Math.round(rate * (this.#leastRoundTripMs + UNACKNOWLEDGED_MS))
    return Math.max(LEAST_WINDOW_BYTES, carriedBytes)
  }

  /**
   * Grows the window to at most twice the bytes of the measured round trip, and twice the size that has passed a trial. A trial
   * is a time without a queue that is too long, or carried too many bytes, to be a burst that a slow path lets through.
   */
  #grow(bytes: number, { sentBytes, acknowledgedBytes, atMs }: Ping, nowMs: number): void {
    // The path is already full.
    if (nowMs - atMs - this.#leastRoundTripMs > QUEUED_MS / 2) return
    const trialBytes = Math.max(LEAST_TRIAL_BYTES, TRIAL_WINDOWS * this.#windowBytes)
    const isPassed =
      nowMs - this.#trialSinceMs >= TRIAL_MS ||
      this.#acknowledgedBytes - this.#trialBytes >= trialBytes
    if (isPassed && sentBytes > this.#trialBytes) this.#beginTrial(this.#windowBytes, nowMs)
    const mostBytes = 2 * Math.min(this.#provenBytes, sentBytes - acknowledgedBytes)
    this.#windowBytes = Math.min(bytes, Math.max(this.#windowBytes, mostBytes))
  }

  #beginTrial(provenBytes: number, nowMs: number): void {
    this.#trialSinceMs = nowMs
    this.#trialBytes = this.#sentBytes
    this.#provenBytes = provenBytes
  }

  #ping(isLimited: boolean, atMs: number): number {
    this.#number = (this.#number + 1) % MAX_NUMBER
    this.#pingedBytes = this.#sentBytes
    if (isLimited) {
      // Earlier trials prove nothing, because little was sent since.
      if (atMs - this.#limitedMs > this.#roundTripMs + TRIAL_MS)
        this.#beginTrial(this.#windowBytes / 2, atMs)
      this.#limitedMs = atMs
    }
    // No pong was due until now, so the peer has not stalled.
    if (this.#pings.length === 0) this.#progressMs = atMs
    this.#pings.push({
      number: this.#number,
      atMs,
      sentBytes: this.#sentBytes,
      acknowledgedBytes: this.#acknowledgedBytes,
      isLimited,
      largestBytes: this.#largestSinceBytes
    })
    this.#largestSinceBytes = 0
    return this.#number
  }
}

function largestOf(pings: readonly Ping[]): number {
  return pings.reduce((most, { largestBytes }) => Math.max(most, largestBytes), 0)
}
