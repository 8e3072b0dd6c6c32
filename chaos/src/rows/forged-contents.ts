/** Row 18: contents that are not what was asked for, or that nobody asked for. */

import { binaryCodec } from '@rumormill/codec-binary'
import {
  blake3Hash,
  createRng,
  DIGEST_BYTES,
  packDigests,
  type GossipOptions,
  type Message,
  type Rng
} from '@rumormill/protocol'
import { hostilePeer, randomBytes, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import { putNumber } from '../ledger.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { until } from '../until.ts'

const STRIKES = 3
const HONEST_UPDATES = 20
const PER_OFFER = 100

/** What a forger does: answers with contents made for those who only look at their beginning, or with other ones; or does not wait to be asked. */
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
  // Without penalties, each forgery is judged, none is left unread.
  const unstruck = await eachForgery((forgery) =>
    trial(forgery, times, rng, { reputation: { maxPenalties: Infinity } })
  )
  // Where a digest says nothing of the rest of a content, forgers are believed: the books can show it.
  const control = await trial('mismatched', 10, rng, { hash: firstBytes })
  const all = [...struck, ...unstruck]
  const sum = (key: 'lost' | 'duplicates' | 'forged' | 'said'): number =>
    all.reduce((total, result) => total + result[key], 0)
  // However many forgeries a message holds, it counts once.
  const judged = unstruck.map(({ violations, messages }) => ({ violations, messages }))
  return {
    load: `2 nodes, ${HONEST_UPDATES} updates in each of ${all.length} trials`,
    faults: `one forger: ${FORGERIES.join(', ')}`,
    badInputs: sum('said'),
    lost: sum('lost'),
    duplicates: sum('duplicates'),
    note:
      `${sum('forged')} handler calls by forgeries; banned after ${struck.map(({ bannedAfter }) => bannedAfter).join(', ')} violations; ` +
      `without bans ${judged.map(({ violations, messages }) => `${violations} of ${messages}`).join(', ')} messages judged; control with a digest of the first bytes only: ${control.forged} handler calls`,
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
          : [`${FORGERIES[index]}: only ${violations} of ${messages} messages were judged`]
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

/** Not a digest: who knows it can make another content of the same. */
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
    // Its address is only claimed, so it is the connection that goes.
    if (event.bannedMs > 0 || event.connection !== undefined) bannedAfter ??= violations
  }
  try {
    await group.join({ gossip: { ...options, observe } })
    await group.join({ gossip: options })
    await group.members[1]!.gossip.ready()
    const { address } = group.members[0]!.gossip
    await forger.peer.start()
    for (let update = 0; update < HONEST_UPDATES; update++) {
      const content = randomBytes(rng, 64)
      putNumber(content, group.submitted.length)
      // The forger is the first to offer what a correct node is about to submit.
      const { messages } = forger
      await forger.offer(address, [(options.hash ?? blake3Hash)(content)])
      // On a busy machine the correct node would win. Who believes the forger asks it each time; others turn it away soon.
      if (options.hash !== undefined) await until(() => forger.messages > messages, 5000)
      group.submit(1, content)
    }
    while (forger.said < times) await forger.attack(address)
    const lost = await group.settle(15_000)
    // What it said last may still be on its way.
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

  /** Offers what it has not; who ignores it asks for nothing, and is answered all the same. */
  async attack(to: string): Promise<void> {
    const digests = Array.from({ length: PER_OFFER }, () => randomBytes(this.#rng, DIGEST_BYTES))
    const before = this.said
    await this.offer(to, digests)
    for (let wait = 0; wait < 20 && this.said === before && this.#forgery !== 'unsolicited'; wait++)
      await new Promise(setImmediate)
    if (this.said === before) await this.#say(to, this.#forge(digests.slice(0, 1)))
  }

  /** Once it is turned away, nothing that it says arrives. */
  #say(to: string, message: Message): Promise<void> {
    return this.peer.say(to, message).catch(() => {})
  }

  #answer(message: Message): Message | undefined {
    if (message.kind !== 'content-request') return undefined
    const asked = Array.from({ length: message.digests.length / DIGEST_BYTES }, (_, index) => {
      return message.digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
    })
    return this.#forge(asked)
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
