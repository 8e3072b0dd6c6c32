/** Row 17: a peer offers hundreds of thousands of updates that do not exist. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount, duration, size } from '@rumormill/harness/figure'
import { liveBytes } from '@rumormill/harness/process-usage'
import { createRng, type Rng } from '@rumormill/protocol/plugin'
import { fakeOffer, hostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const PER_OFFER = 5000
/** The most contents that a node requests from a peer that has served nothing. */
const STRANGER_SHARE = 8
const CONTROL_LIARS = 20
const MAX_HEAP_BYTES = 16 * 2 ** 20
/** Two rounds of the preset `local`. */
const MAX_DELAY_MS = 2 * 100
const LIES_MS = 10_000
const CONTROL_MS = 2000

export const fakeDigests: Row = { number: 17, name: 'fake digests, never served', mode: 'L', run }

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const offers = (short ? 1e5 : 1e6) / PER_OFFER
  const rng = createRng(seed)
  const result = await trial(offers, LIES_MS, rng, 1)
  // The control: with more liars more contents must be awaited, or the limit per peer was not tested.
  const control = await trial(10, CONTROL_MS, rng, CONTROL_LIARS)
  return {
    load: '2 nodes, 20 updates/s',
    faults: 'one peer that offers updates and never serves them',
    badInputs: offers * PER_OFFER,
    lost: result.lost,
    duplicates: result.duplicates,
    figures: [
      amount('most awaited', result.mostPending, { limit: STRANGER_SHARE }),
      size('heap grown', result.grownBytes, { limit: MAX_HEAP_BYTES }),
      duration('slowest correct update', result.slowestMs, { limit: MAX_DELAY_MS }),
      amount(`control with ${CONTROL_LIARS} liars, most awaited`, control.mostPending)
    ],
    complaints: [
      ...(result.mostPending <= STRANGER_SHARE
        ? []
        : [`${result.mostPending} contents were awaited`]),
      ...(result.mostPending > 0 ? [] : ['nothing was awaited: the offers did not arrive']),
      ...(result.grownBytes <= MAX_HEAP_BYTES ? [] : ['the heap has grown']),
      ...(result.slowestMs < MAX_DELAY_MS ? [] : ['correct updates were slow']),
      ...(control.mostPending > STRANGER_SHARE ? [] : ['the control did not await more'])
    ]
  }
}

async function trial(
  offers: number,
  ms: number,
  rng: Rng,
  liarCount: number
): Promise<{
  lost: number
  duplicates: number
  mostPending: number
  grownBytes: number
  slowestMs: number
}> {
  const group = new SocketGroup()
  const liars = Array.from({ length: liarCount }, () =>
    hostilePeer({ transport: tcpTransport(), codec: binaryCodec() })
  )
  const lie = async (to: string, digests: number): Promise<void> => {
    for (const liar of liars) await liar.say(to, fakeOffer(digests, rng))
  }
  try {
    await group.join()
    await group.join()
    await group.members[1]!.gossip.ready()
    for (const liar of liars) await liar.start()
    const { gossip } = group.members[0]!
    const [heapBytes, startMs] = [liveBytes(), performance.now()]
    let [mostPending, said] = [0, 0]
    // Spreads the offers over the time of the trial.
    while (performance.now() - startMs < ms) {
      const due = Math.ceil((offers * (performance.now() - startMs)) / (0.8 * ms))
      for (; said < Math.min(due, offers); said++) await lie(gossip.address, PER_OFFER)
      group.submit(group.submitted.length % 2, contentOf(0, 64))
      await delay(50)
      // Offers one more, for the case that the node would request again.
      await lie(gossip.address, 1)
      const { pendingRequests } = gossip.stats()
      mostPending = Math.max(mostPending, pendingRequests)
    }
    const lost = await group.settle(5000)
    const slowestMs = Math.max(...group.delaysMs(0))
    return {
      lost,
      duplicates: group.duplicates,
      mostPending,
      grownBytes: liveBytes() - heapBytes,
      slowestMs
    }
  } finally {
    await Promise.all([...liars.map((liar) => liar.stop()), group.stop()])
  }
}
