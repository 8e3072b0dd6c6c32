/** Faults that are injected into the engine, one at a time, to check that a row of the list detects each. */

/** A line of the built code, and its replacement. */
export interface Fault {
  readonly name: string
  /** The row that must not pass. */
  readonly row: number
  /** The end of the module's URL. */
  readonly module: string
  /** The original text, which must occur exactly once. */
  readonly good: string
  readonly bad: string
}

/** The environment variable with the index of the fault in {@link FAULTS}. */
export const FAULT_VARIABLE = 'RUMORMILL_FAULT'

const CORE = 'packages/protocol/dist'

export const FAULTS: readonly Fault[] = [
  {
    name: 'a request that is not answered never times out',
    row: 11,
    module: `${CORE}/fetch/requested-peer.js`,
    good: 'lapsesAtMs: nowMs + this.#path.timeoutMs(expectedBytes),',
    bad: 'lapsesAtMs: Infinity,'
  },
  {
    name: 'expired updates are not remembered',
    row: 19,
    module: `${CORE}/store/update-store.js`,
    good: 'this.#seen.add(key)',
    bad: 'this.#seen.delete(key)'
  },
  {
    name: 'a content that was not requested is accepted',
    row: 18,
    module: `${CORE}/fetch/content-receiver.js`,
    good: 'if (!this.#pending.take(key, from)) {',
    bad: 'if (!this.#pending.take(key, from) && this.#isPresent(key)) {'
  },
  {
    name: 'an update that is active already is accepted as new',
    row: 11,
    module: `${CORE}/fetch/content-receiver.js`,
    good: "return this.#store.status(key) !== 'unknown' || this.isValidating(key)",
    bad: 'return this.isValidating(key)'
  },
  {
    name: 'the requests to one peer are not limited',
    row: 17,
    module: `${CORE}/fetch/requested-peer.js`,
    good: 'return Math.min(STRANGER_SHARE, maxRequestsPerPeer)',
    bad: 'return maxRequestsPerPeer'
  },
  {
    name: 'the store is not limited',
    row: 30,
    module: `${CORE}/store/update-store.js`,
    good: 'return this.#active.size + updates <= most',
    bad: 'return this.#active.size + updates > 0'
  },
  {
    name: 'dropped peers are not remembered',
    row: 8,
    module: 'packages/protocol/dist/membership/peer-memory.js',
    good: 'if (maxPastPeers > 0)',
    bad: 'if (maxPastPeers > 1e9)'
  },
  {
    name: 'penalties do not add up',
    row: 18,
    module: 'packages/protocol/dist/membership/penalties.js',
    good: 'const penalties = this.#penaltiesOf(nowMs, peer) + weight',
    bad: 'const penalties = weight'
  },
  {
    name: 'hardened nodes gossip with their view',
    row: 21,
    module: 'packages/protocol/dist/membership/peer-sampler.js',
    good: 'this.#hardened?.target(taken)',
    bad: 'undefined'
  },
  {
    name: 'silent connections have no deadline',
    row: 13,
    module: 'packages/transport-tcp/dist/deadlines.js',
    good: "passed(times.sinceMs, deadlines.helloMs) ? 'hello-late'",
    bad: "passed(times.sinceMs, deadlines.helloMs) && false ? 'hello-late'"
  },
  {
    name: 'there is only one round',
    row: 3,
    module: `${CORE}/anti-entropy/rounds.js`,
    good: 'this.#dueMs = nowMs + jittered(',
    bad: 'this.#dueMs = nowMs + 1e12 * jittered('
  },
  {
    name: 'a connection without a message never makes room for a newcomer',
    row: 38,
    module: 'packages/transport-tcp/dist/listener.js',
    good: 'full.oldest.sinceMs < GRACE_MS',
    bad: 'true'
  },
  {
    name: 'a host is dialled as often as others name it',
    row: 39,
    module: 'packages/stream-transport/dist/dial-guard.js',
    good: 'if (dueMs > nowMs)',
    bad: 'if (false)'
  }
]
