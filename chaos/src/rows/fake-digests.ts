/** Row 17: a peer offers updates that do not exist, by the hundred thousand. */
import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { createRng, type GossipOptions, type Rng } from '@rumormill/protocol'
import { fakeOffer, hostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import { contentOf } from '../ledger.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'

const PER_OFFER = 5000
const MAX_REQUESTS = 256
const MAX_HEAP_BYTES = 16 * 2 ** 20
/** Two rounds of the preset `local`. */
const MAX_DELAY_MS = 2 * 100
const COOLED_WITHIN_MS = 10_000
const CONTROL_MS = 2000

export const fakeDigests: Row = { number: 17, name: 'fake digests, never served', mode: 'L', run }

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const offers = (short ? 1e5 : 1e6) / PER_OFFER
  const rng = createRng(seed)
  const result = await trial(offers, COOLED_WITHIN_MS, rng, {})
  // With the limits out of the way, the table must grow, or it was never put to the test.
  const control = await trial(10, CONTROL_MS, rng, {
    dissemination: { maxRequests: 1_000_000, maxRequestsPerPeer: 1024 }
  })
  const { cooledMs } = result
  return {
    load: '2 nodes, 20 updates/s',
    faults: 'one peer that offers and never serves',
    badInputs: offers * PER_OFFER,
    lost: result.lost,
    duplicates: result.duplicates,
    note:
      `at most ${result.mostPending} awaited, limit ${MAX_REQUESTS}; heap +${(result.grownBytes / 2 ** 20).toFixed(1)} MiB; slowest honest update ${result.slowestMs.toFixed(0)} ms, ` +
      `limit ${MAX_DELAY_MS}; distrusted after ${cooledMs === undefined ? 'never' : `${(cooledMs / 1000).toFixed(1)} s`}, limit 10; control without limits: ${control.mostPending} awaited`,
    complaints: [
      ...(result.mostPending <= MAX_REQUESTS
        ? []
        : [`${result.mostPending} contents were awaited`]),
      ...(result.mostPending > 0 ? [] : ['nothing was awaited: the offers did not arrive']),
      ...(result.grownBytes <= MAX_HEAP_BYTES ? [] : ['the heap has grown']),
      ...(result.slowestMs < MAX_DELAY_MS ? [] : ['honest updates were slow']),
      ...(cooledMs !== undefined && cooledMs <= COOLED_WITHIN_MS
        ? []
        : ['the peer is not distrusted']),
      ...(control.mostPending > MAX_REQUESTS ? [] : ['the control run had limits, too'])
    ]
  }
}

async function trial(
  offers: number,
  ms: number,
  rng: Rng,
  options: Partial<GossipOptions>
): Promise<{
  lost: number
  duplicates: number
  mostPending: number
  grownBytes: number
  slowestMs: number
  cooledMs: number | undefined
}> {
  const group = new SocketGroup()
  const liar = hostilePeer({ transport: tcpTransport(), codec: binaryCodec() })
  try {
    await group.join({ gossip: options })
    await group.join()
    await group.members[1]!.gossip.ready()
    await liar.start()
    const { gossip } = group.members[0]!
    const [heapBytes, startMs] = [collectedBytes(), performance.now()]
    let [mostPending, said] = [0, 0]
    let cooledMs: number | undefined
    // The offers are spread over the time in which it must be seen through.
    while (performance.now() - startMs < ms) {
      const due = Math.ceil((offers * (performance.now() - startMs)) / (0.8 * ms))
      for (; said < Math.min(due, offers); said++)
        await liar.say(gossip.address, fakeOffer(PER_OFFER, rng))
      group.submit(group.submitted.length % 2, contentOf(0, 64))
      await delay(50)
      // So that it is offered something when it might be asked again.
      await liar.say(gossip.address, fakeOffer(1, rng))
      const { pendingRequests, dropped } = gossip.stats()
      mostPending = Math.max(mostPending, pendingRequests)
      if (dropped.distrusted > 0) cooledMs ??= performance.now() - startMs
    }
    const lost = await group.settle(5000)
    const slowestMs = Math.max(...group.delaysMs(0))
    return {
      lost,
      duplicates: group.duplicates,
      mostPending,
      grownBytes: collectedBytes() - heapBytes,
      slowestMs,
      cooledMs
    }
  } finally {
    await Promise.all([liar.stop(), group.stop()])
  }
}

function collectedBytes(): number {
  globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
