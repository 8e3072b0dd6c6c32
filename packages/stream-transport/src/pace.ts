/**
 * How fast a stream may be written, and whether its peer is still there. Both are learnt from pings, which the peer
 * answers with the number of bytes that it has received.
 *
 * At most an eighth of a second of what the path carries is under way unacknowledged: what waits longer waits here,
 * where small messages pass large ones, and not in the buffers of the system, where nothing passes anything. The rate is
 * measured as BBR does (Cardwell et al. 2016, section "Estimating BtlBw and RTprop"): the most that was delivered per
 * time in the latest rounds, where those count in which the path and not the sender was the limit. A round trip that is
 * longer than the shortest by an eighth of a second shows that a queue has built up. Then only the rate of that round trip
 * counts: a quicker one before it may have been a burst that a slow line lets through.
 */

export interface PaceLimits {
  /** So long without a word, when one is owed, and the peer is pinged. */
  readonly silentMs: number
  /** So long may a pong take, and at least eight round trips; then nobody is there. */
  readonly answerMs: number
}

interface Ping {
  readonly number: number
  readonly atMs: number
  readonly sentBytes: number
  /** Acknowledged when it was sent. */
  readonly acknowledgedBytes: number
  /** Whether more was waiting, so that the path was the limit. */
  readonly isLimited: boolean
  /** The largest write since the ping before it. */
  readonly largestBytes: number
}

/** Beyond what the path holds by itself. Half of what is promised, as two streams may share a path. */
const UNACKNOWLEDGED_MS = 125
/** Of a stream of which nothing is known: a quarter of a second at 256 kbit/s. */
const FIRST_WINDOW_BYTES = 8192
const LEAST_WINDOW_BYTES = 4096
/** Fast paths are asked once in so many bytes. */
const BYTES_PER_PING = 65_536
/** The best rate counts for so long. */
const RATE_MS = 1000
/** A round trip longer than the shortest by so much has waited in a queue that must become shorter. */
const QUEUED_MS = 125
/** A window has passed its trial when it was in use for so long without a queue, or when so much has arrived. */
const TRIAL_MS = 50
const LEAST_TRIAL_BYTES = 65_536
const TRIAL_WINDOWS = 4
/** Rates beyond this cannot be told apart: the clock is too coarse. */
const LEAST_ROUND_TRIP_MS = 0.5
const ROUND_TRIPS = 8
const MAX_NUMBER = 2 ** 32

/** How much is under way where packets of full size vanish: with all headers it fits a packet of any path. */
const NARROW_BYTES = 480

export class Pace {
  /** Whether packets of full size vanish on this path: then one small write after the other. */
  isNarrow = false
  readonly #limits: PaceLimits
  #sentBytes = 0
  #acknowledgedBytes = 0
  /** What had been sent when the latest ping was, and the largest write since. */
  #pingedBytes = 0
  #largestSinceBytes = 0
  #largestArrivedBytes = 0
  /** Not yet answered, oldest first. */
  #pings: Ping[] = []
  #number = 0
  #windowBytes = FIRST_WINDOW_BYTES
  /** When the current trial of the window began, and what had been sent then. */
  #trialSinceMs: number
  /** When a ping was sent last with more waiting. */
  #limitedMs = -Infinity
  #trialBytes = 0
  /** The largest window that has passed a trial: it may grow to twice as much. */
  #provenBytes = FIRST_WINDOW_BYTES / 2
  /** Bytes per millisecond: the best of the current period of {@link RATE_MS}, and of the one before. */
  #rate = 0
  #rateBefore = 0
  #rateSinceMs: number
  #rateIsLimited = false
  #leastRoundTripMs = Infinity
  /** 0 before it has been measured. */
  #roundTripMs = 0
  #heardMs: number
  #sentMs = -Infinity
  #progressMs = 0

  constructor(limits: PaceLimits, nowMs: number) {
    this.#limits = limits
    this.#heardMs = this.#rateSinceMs = this.#trialSinceMs = nowMs
  }

  get unacknowledgedBytes(): number {
    return this.#sentBytes - this.#acknowledgedBytes
  }

  /** How much may be written now; negative after the window has become smaller. */
  get freeBytes(): number {
    return (this.isNarrow ? NARROW_BYTES : this.#windowBytes) - this.unacknowledgedBytes
  }

  /** Messages beyond it travel in parts of this size, so that others do not wait long behind them. */
  get partBytes(): number {
    if (this.isNarrow) return NARROW_BYTES
    return Math.min(BYTES_PER_PING, Math.max(1024, this.#windowBytes >> 2))
  }

  /** Since when nothing that was sent has been acknowledged; 0 when nothing is under way, or no answer is due. */
  get stalledSinceMs(): number {
    return this.unacknowledgedBytes > 0 && this.#pings.length > 0 ? this.#progressMs : 0
  }

  /** The largest write that has arrived. */
  get largestArrivedBytes(): number {
    return this.#largestArrivedBytes
  }

  /** The largest write that has not. */
  get largestUnderWayBytes(): number {
    return Math.max(this.#largestSinceBytes, largestOf(this.#pings))
  }

  /** When something was heard last. */
  get heardMs(): number {
    return this.#heardMs
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs
  }

  /** `bytes` of messages have been written. */
  sent(bytes: number, nowMs: number): void {
    if (this.unacknowledgedBytes === 0) this.#progressMs = nowMs
    this.#sentBytes += bytes
    this.#largestSinceBytes = Math.max(this.#largestSinceBytes, bytes)
    this.#sentMs = nowMs
  }

  /** The number of the very first ping, which goes before all messages and so measures the path alone; then none. */
  firstPing(nowMs: number): number | undefined {
    return this.#number === 0 ? this.#ping(false, nowMs) : undefined
  }

  /** The number of a ping that is to follow what was just written, if one is. `hasWaiting` says whether more is to come. */
  pingAfterWrite(hasWaiting: boolean, nowMs: number): number | undefined {
    const unasked = this.#sentBytes - this.#pingedBytes
    const due =
      this.isNarrow ||
      unasked >= Math.min(BYTES_PER_PING, this.#windowBytes >> 2) ||
      (hasWaiting && this.#pings.length === 0)
    return due ? this.#ping(hasWaiting, nowMs) : undefined
  }

  /** The number of a ping without which nothing could go on: no answer is due, and nothing more may be under way. */
  pingWhenStuck(nowMs: number): number | undefined {
    if (this.#pings.length > 0 || this.unacknowledgedBytes === 0 || this.freeBytes > 0)
      return undefined
    return this.#ping(true, nowMs)
  }

  /** The number of a ping that is due because the peer is silent, if one is: to one that was sent something, or is watched. */
  pingInSilence(nowMs: number, isWatched: boolean): number | undefined {
    const owesWord = isWatched || this.#sentMs >= this.#heardMs
    if (!owesWord || this.#pings.length > 0) return undefined
    return nowMs - this.#heardMs >= this.#limits.silentMs ? this.#ping(false, nowMs) : undefined
  }

  /** For how long nothing has been heard though a pong is overdue; `undefined` when none is. */
  deadMs(nowMs: number): number | undefined {
    const oldest = this.#pings[0]
    if (oldest === undefined) return undefined
    const limitMs = Math.max(this.#limits.answerMs, ROUND_TRIPS * this.#roundTripMs)
    const silentMs = nowMs - this.#heardMs
    return silentMs >= limitMs && nowMs - oldest.atMs >= limitMs ? silentMs : undefined
  }

  /** The peer has answered. What was sent before the ping has arrived before it, whatever the pong says. */
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

  /** A queue has built up: what was measured before it did was the burst that a slow path lets through. */
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
    // A peer that was sent little says nothing of how little the path carries.
    else if (isLimited) this.#windowBytes = bytes
  }

  /** The window of a path with this rate. */
  #bytesAt(rate: number): number {
    const carriedBytes = Math.round(rate * (this.#leastRoundTripMs + UNACKNOWLEDGED_MS))
    return Math.max(LEAST_WINDOW_BYTES, carriedBytes)
  }

  /**
   * To twice as much as was under way, and twice as much as has passed a trial: a round trip without a queue, in which so
   * much arrived, or which took so long, that it was not the burst that a slow path lets through.
   */
  #grow(bytes: number, { sentBytes, acknowledgedBytes, atMs }: Ping, nowMs: number): void {
    // The path is full already.
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
      // What passed before, when little was sent, proves nothing.
      if (atMs - this.#limitedMs > this.#roundTripMs + TRIAL_MS)
        this.#beginTrial(this.#windowBytes / 2, atMs)
      this.#limitedMs = atMs
    }
    // Before it, no answer was due: a peer that was not asked for long has not stalled.
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
