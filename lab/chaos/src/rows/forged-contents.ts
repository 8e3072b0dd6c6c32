/** Row 18: contents that do not match their digests, or were not requested. */

import { binaryCodec } from '@rumormill/codec-binary'
import { amount } from '@rumormill/harness/figure'
import { until } from '@rumormill/harness/until'
import type { GossipOptions } from '@rumormill/protocol'
import { blake3Hash } from '@rumormill/protocol/engine'
import {
  createRng,
  DIGEST_BYTES,
  packDigests,
  type Message,
  type Rng
} from '@rumormill/protocol/plugin'
import { hostilePeer, randomBytes, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { putNumber } from '../submissions.ts'

const STRIKES = 3
const CORRECT_UPDATES = 20
const PER_OFFER = 100

/** The forgeries: contents with the same first bytes, contents of other digests, and contents that were not requested. */
const FORGERIES = ['mismatched', 'of other digests', 'unsolicited'] as const
type Forgery = (typeof FORGERIES)[number]

export const forgedContents: Row = {
  number: 18,
  name: 'contents that do not match',
  mode: 'L',
  run
}

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const times = short ? 2000 : 10_000
  const rng = createRng(seed)
  const struck = await eachForgery((forgery) => trial(forgery, times, rng, {}))
  // Without bans, every forgery must be counted as a violation.
  const unstruck = await eachForgery((forgery) =>
    trial(forgery, times, rng, { reputation: { maxPenalties: Infinity } })
  )
  // The control: with a digest of only the first bytes, forgeries must be accepted and counted.
  const control = await trial('mismatched', 10, rng, { hash: firstBytes })
  const all = [...struck, ...unstruck]
  const sum = (key: 'lost' | 'duplicates' | 'forged' | 'said'): number =>
    all.reduce((total, result) => total + result[key], 0)
  // A message counts once, however many forgeries it contains.
  const judged = unstruck.map(({ violations, messages }) => ({ violations, messages }))
  return {
    load: `2 nodes, ${CORRECT_UPDATES} updates in each of ${all.length} trials`,
    faults: `one forger: ${FORGERIES.join(', ')}`,
    badInputs: sum('said'),
    lost: sum('lost'),
    duplicates: sum('duplicates'),
    figures: [
      amount('handler calls by forgeries', sum('forged')),
      amount(
        'violations before the ban',
        struck.map(({ bannedAfter = Infinity }) => bannedAfter)
      ),
      amount(
        'messages counted as violations without bans',
        judged.map(({ violations }) => violations),
        { of: judged.map(({ messages }) => messages) }
      ),
      amount('control with a digest of the first bytes only, handler calls', control.forged)
    ],
    complaints: [
      ...(sum('forged') === 0 ? [] : ['handlers were called with forgeries']),
      ...struck.flatMap(({ bannedAfter }, index) =>
        bannedAfter === STRIKES
          ? []
          : [`${FORGERIES[index]}: banned after ${bannedAfter} violations`]
      ),
      ...judged.flatMap(({ violations, messages }, index) =>
        violations >= messages
          ? []
          : [
              `${FORGERIES[index]}: only ${violations} of ${messages} messages counted as violations`
            ]
      ),
      ...(control.forged > 0 ? [] : ['the control run refused forgeries, too'])
    ]
  }
}

async function eachForgery<T>(attempt: (forgery: Forgery) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (const forgery of FORGERIES) results.push(await attempt(forgery))
  return results
}

/** A hash of only the first bytes, for which another content is easily made. */
function firstBytes(content: Uint8Array): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES)
  digest.set(content.subarray(0, DIGEST_BYTES))
  return digest
}

async function trial(
  forgery: Forgery,
  times: number,
  rng: Rng,
  options: Partial<GossipOptions>
): Promise<{
  lost: number
  duplicates: number
  forged: number
  violations: number
  bannedAfter: number | undefined
  said: number
  messages: number
}> {
  const group = new SocketGroup()
  const forger = new Forger(forgery, rng)
  let violations = 0
  let bannedAfter: number | undefined
  const observe: GossipOptions['observe'] = (event) => {
    if (event.kind !== 'violation') return
    violations++
    // The address of the forger is only claimed, so its connection is banned instead.
    if (event.bannedMs > 0 || event.connection !== undefined) bannedAfter ??= violations
  }
  try {
    await group.join({ gossip: { ...options, observe } })
    await group.join({ gossip: options })
    await group.members[1]!.gossip.ready()
    const { address } = group.members[0]!.gossip
    await forger.peer.start()
    for (let update = 0; update < CORRECT_UPDATES; update++) {
      const content = randomBytes(rng, 64)
      putNumber(content, group.submitted.length)
      // The forger offers an update before a correct node submits it.
      const { messages } = forger
      await forger.offer(address, [(options.hash ?? blake3Hash)(content)])
      // On a busy machine the correct node could be faster. Waits for the forger's answer, except where it is soon banned.
      if (options.hash !== undefined) await until(() => forger.messages > messages, 5000)
      group.submit(1, content)
    }
    while (forger.said < times) await forger.attack(address)
    const lost = await group.settle(15_000)
    // The last message may still be on its way.
    await until(() => bannedAfter !== undefined || violations >= forger.messages, 1000)
    return {
      lost,
      duplicates: group.duplicates,
      forged: group.changed,
      violations,
      bannedAfter,
      said: forger.said,
      messages: forger.messages
    }
  } finally {
    await Promise.all([forger.peer.stop(), group.stop()])
  }
}

class Forger {
  readonly peer: HostilePeer = hostilePeer({ transport: tcpTransport(), codec: binaryCodec() })
  /** Forgeries that were sent, and the messages that held them. */
  said = 0
  messages = 0
  readonly #forgery: Forgery
  readonly #rng: Rng

  constructor(forgery: Forgery, rng: Rng) {
    this.#forgery = forgery
    this.#rng = rng
    if (forgery !== 'unsolicited') this.peer.react = (message) => this.#answer(message)
  }

  async offer(to: string, digests: readonly Uint8Array[]): Promise<void> {
    if (this.#forgery !== 'unsolicited')
      await this.#say(to, { kind: 'digest-request', digests: packDigests(digests) })
  }

  /** Offers updates that do not exist, or sends contents without a request. Also sends a forgery if no request follows the offer. */
  async attack(to: string): Promise<void> {
    const digests = Array.from({ length: PER_OFFER }, () => randomBytes(this.#rng, DIGEST_BYTES))
    const before = this.said
    await this.offer(to, digests)
    for (let wait = 0; wait < 20 && this.said === before && this.#forgery !== 'unsolicited'; wait++)
      await new Promise(setImmediate)
    if (this.said === before) await this.#say(to, this.#forge(digests.slice(0, 1)))
  }

  /** Sends a message; errors after a ban are ignored. */
  #say(to: string, message: Message): Promise<void> {
    return this.peer.say(to, message).catch(() => {})
  }

  #answer(message: Message): Message | undefined {
    if (message.kind !== 'content-request') return undefined
    const requested = Array.from({ length: message.digests.length / DIGEST_BYTES }, (_, index) => {
      return message.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
    })
    return this.#forge(requested)
  }

  #forge(digests: readonly Uint8Array[]): Message {
    this.said += digests.length
    this.messages++
    const contents = digests.map((digest) => {
      const content = randomBytes(this.#rng, 64)
      if (this.#forgery === 'mismatched') content.set(digest)
      return content
    })
    return { kind: 'content-response', contents, ages: contents.map(() => 0) }
  }
}
