/** Faults that are put into the engine on purpose, one at a time, to see that a row of the list catches each. */

/** One line of the built code, and what it becomes. */
export interface Fault {
  readonly name: string
  /** The row that must not pass. */
  readonly row: number
  /** How the address of the module ends. */
  readonly module: string
  /** Stands there once. */
  readonly good: string
  readonly bad: string
}

/** Names the fault of a process in its environment, by its place in {@link FAULTS}. */
export const FAULT_VARIABLE = 'RUMORMILL_FAULT'

const DISSEMINATION = 'packages/protocol/dist/dissemination'

export const FAULTS: readonly Fault[] = [
  {
    name: 'what is asked for in vain is never asked for again',
    row: 11,
    module: `${DISSEMINATION}/pending-requests.js`,
    good: 'this.#giveUp(key);',
    bad: ';'
  },
  {
    name: 'expired updates are not remembered',
    row: 19,
    module: `${DISSEMINATION}/update-store.js`,
    good: 'this.#seen.add(key)',
    bad: 'this.#seen.delete(key)'
  },
  {
    name: 'a content is taken that was not asked for',
    row: 18,
    module: `${DISSEMINATION}/content-receiver.js`,
    good: 'if (!this.#pending.take(key, from)) {',
    bad: 'if (!this.#pending.take(key, from) && this.#isKnown(key)) {'
  },
  {
    name: 'an update that is there already is taken as new',
    row: 11,
    module: `${DISSEMINATION}/content-receiver.js`,
    good: "return this.#store.status(key) !== 'unknown' || this.isValidating(key)",
    bad: 'return this.isValidating(key)'
  },
  {
    name: 'nobody limits what is awaited from one peer',
    row: 17,
    module: `${DISSEMINATION}/requested-peer.js`,
    good: 'return Math.min(STRANGER_SHARE, maxRequestsPerPeer)',
    bad: 'return maxRequestsPerPeer'
  },
  {
    name: 'nobody limits what the store holds',
    row: 30,
    module: `${DISSEMINATION}/update-store.js`,
    good: 'return this.#active.size + updates <= most',
    bad: 'return this.#active.size + updates > 0'
  },
  {
    name: 'who was dropped is forgotten for good',
    row: 8,
    module: 'packages/protocol/dist/membership/peer-memory.js',
    good: 'if (maxPastPeers > 0)',
    bad: 'if (maxPastPeers > 1e9)'
  },
  {
    name: 'penalties do not add up',
    row: 18,
    module: 'packages/protocol/dist/reputation/penalties.js',
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
    name: 'a connection may be silent forever',
    row: 13,
    module: 'packages/transport-tcp/dist/deadlines.js',
    good: "passed(times.sinceMs, deadlines.helloMs) ? 'hello-late'",
    bad: "passed(times.sinceMs, deadlines.helloMs) && false ? 'hello-late'"
  },
  {
    name: 'there is one round, and no other',
    row: 3,
    module: `${DISSEMINATION}/rounds.js`,
    good: 'this.#dueMs = nowMs + jittered(',
    bad: 'this.#dueMs = nowMs + 1e12 * jittered('
  },
  {
    name: 'a silent connection never makes room for a newcomer',
    row: 38,
    module: 'packages/transport-tcp/dist/listener.js',
    good: "refusal === 'host-full' && closeSilentOf",
    bad: 'false && closeSilentOf'
  },
  {
    name: 'a host is dialled as often as others name it',
    row: 39,
    module: 'packages/stream-transport/dist/dial-guard.js',
    good: 'if (dueMs > nowMs)',
    bad: 'if (false)'
  }
]
