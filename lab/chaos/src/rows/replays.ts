/** Row 19: expired updates are offered again: all in the seen cache, and one that has left it. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount } from '@rumormill/harness/figure'
import { until } from '@rumormill/harness/until'
import { blake3Hash } from '@rumormill/protocol/engine'
import { DIGEST_BYTES, digestToHex, packDigests, type Message } from '@rumormill/protocol/plugin'
import { hostilePeer, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const ACTIVE = 100
const PER_OFFER = 250
const PER_REPLAY = 5000

export const replays: Row = { number: 19, name: 'replay of expired updates', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const updates = short ? 10_000 : 100_000
  const { delivered, replayed, again, lost } = await trial(updates, updates)
  // The control: without a seen cache every replay must be delivered.
  const control = await trial(1000, 1)
  return {
    load: `2 nodes, ${updates} updates that expire`,
    faults: 'a peer that offers them again, and also sends them unsolicited',
    badInputs: 2 * updates,
    lost: lost + (updates - delivered),
    duplicates: replayed,
    figures: [
      amount('handler calls by replays in the seen cache', replayed),
      amount('by the one update beyond it', again, { remark: 'documented: 1' }),
      amount('control without a seen cache, handler calls', control.replayed)
    ],
    complaints: [
      ...(again === 1 ? [] : [`the update beyond the seen cache was delivered ${again} times`]),
      ...(control.replayed > 0 ? [] : ['the control run refused replays, too'])
    ]
  }
}

async function trial(
  updates: number,
  memory: number
): Promise<{
  delivered: number
  replayed: number
  again: number
  lost: number
}> {
  const group = new SocketGroup()
  const feeder = new Feeder()
  try {
    await group.join({
      gossip: {
        store: {
          expiration: { mode: 'mostRecent', count: ACTIVE, margin: 0 },
          maxSeenDigests: memory
        }
      }
    })
    await feeder.peer.start()
    const [victim] = group.members
    const calls = (): number =>
      [...victim!.heard.values()].reduce((sum, { count }) => sum + count, 0)
    await feeder.feed(victim!.gossip.address, 0, updates, () => victim!.heard.size)
    const delivered = victim!.heard.size
    for (let first = 0; first < updates; first += PER_REPLAY) {
      await feeder.offer(victim!.gossip.address, first, Math.min(updates, first + PER_REPLAY))
    }
    for (let first = 0; first < updates; first += PER_OFFER)
      await feeder.send(victim!.gossip.address, first, first + PER_OFFER)
    await quiet(calls)
    const replayed = calls() - delivered
    // Feeds enough updates that the first leaves the seen cache.
    await feeder.feed(
      victim!.gossip.address,
      updates,
      updates + 2 * ACTIVE,
      () => victim!.heard.size
    )
    const before = calls()
    await feeder.offer(victim!.gossip.address, 0, 1)
    await quiet(calls)
    const again = calls() - before
    // The node under attack must still receive new updates.
    await group.join()
    group.submitted.length = updates + 2 * ACTIVE
    group.submit(1, contentOf(0, 64))
    const newest = group.submitted.length - 1
    const isHeard = await until(() => victim!.heard.has(newest), 5000)
    return { delivered, replayed, again, lost: isHeard ? 0 : 1 }
  } finally {
    await Promise.all([feeder.peer.stop(), group.stop()])
  }
}

/** Waits until the count has not changed for a while. */
async function quiet(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); await delay(500)) before = count()
}

/** A peer that has every update, and serves requests. */
class Feeder {
  readonly peer: HostilePeer = hostilePeer({ transport: tcpTransport(), codec: binaryCodec() })
  readonly #numbers = new Map<string, number>()

  constructor() {
    this.peer.react = (message) => {
      if (message.kind !== 'content-request') return undefined
      const contents = []
      for (let at = 0; at < message.digests.length; at += DIGEST_BYTES) {
        contents.push(
          contentOf(
            this.#numbers.get(digestToHex(message.digests.subarray(at, at + DIGEST_BYTES)))!,
            16
          )
        )
      }
      return { kind: 'content-response', contents, ages: contents.map(() => 0) }
    }
  }

  /** Offers updates in batches until all are delivered, or a time limit. */
  async feed(to: string, from: number, end: number, delivered: () => number): Promise<void> {
    for (let first = from; first < end; first += PER_OFFER) {
      const last = Math.min(end, first + PER_OFFER)
      await this.offer(to, first, last)
      await until(() => delivered() >= last, 10_000, 1)
    }
  }

  async offer(to: string, from: number, end: number): Promise<void> {
    const digests = Array.from({ length: end - from }, (_, index) => {
      const digest = blake3Hash(contentOf(from + index, 16))
      this.#numbers.set(digestToHex(digest), from + index)
      return digest
    })
    await this.#say(to, { kind: 'digest-request', digests: packDigests(digests) })
  }

  async send(to: string, from: number, end: number): Promise<void> {
    const contents = Array.from({ length: end - from }, (_, index) => contentOf(from + index, 16))
    await this.#say(to, {
      kind: 'content-response',
      contents,
      ages: contents.map(() => 0)
    })
  }

  /** Sends a message; errors after a ban are ignored. */
  #say(to: string, message: Message): Promise<void> {
    return this.peer.say(to, message).catch(() => {})
  }
}
