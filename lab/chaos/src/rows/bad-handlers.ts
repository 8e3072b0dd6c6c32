/** Row 24: handlers that throw, reject, take long, or never settle. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration } from '@rumormill/harness/figure'
import { quantile } from '@rumormill/harness/quantile'
import type { GossipEvent } from '@rumormill/protocol'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'

const GOOD = 4
/** The time after which a handler that never settles is abandoned. */
const HANDLER_TIMEOUT_MS = 500
const MAX_WAITING = 1024

export const badHandlers: Row = { number: 24, name: 'bad handlers', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const updates = short ? 60 : 300
  const alone = await trial(updates, false)
  const { lost, duplicates, p95Ms, failures, mostWaiting, throwerHeard } = await trial(
    updates,
    true
  )
  // A fifth more, and a tolerance for the timers of a shared machine.
  const limitMs = 1.2 * alone.p95Ms + 50
  return {
    load: `${GOOD} good nodes, ${updates} updates, 50/s`,
    faults: 'handlers that throw 1 in 3, reject, never settle, take 1 s',
    badInputs: failures,
    lost,
    duplicates,
    figures: [
      duration('p95 of the good nodes', p95Ms, { limit: limitMs }),
      duration('without the bad ones', alone.p95Ms),
      amount('failures reported', failures),
      amount('most waiting', mostWaiting, { limit: MAX_WAITING })
    ],
    complaints: [
      ...(p95Ms <= limitMs ? [] : ['good nodes were slowed down']),
      ...(failures >= updates / 3 ? [] : ['handler failures were not reported']),
      ...(mostWaiting <= MAX_WAITING ? [] : ['too many updates waited']),
      ...(throwerHeard === updates
        ? []
        : [`the node that throws received ${throwerHeard} of ${updates}`])
    ]
  }
}

async function trial(
  updates: number,
  withBad: boolean
): Promise<{
  lost: number
  duplicates: number
  p95Ms: number
  failures: number
  mostWaiting: number
  throwerHeard: number
}> {
  const group = new SocketGroup()
  let [failures, mostWaiting, calls] = [0, 0, 0]
  const observe = (event: GossipEvent): void => {
    if (event.kind === 'failed' && event.error.code === 'HANDLER_FAILED') failures++
  }
  const bad = [
    () => {
      if (calls++ % 3 === 0) throw new Error('one in three')
    },
    () => Promise.reject(new Error('always')),
    () => new Promise<void>(() => {}),
    () => delay(1000, undefined, { ref: false })
  ]
  try {
    for (let node = 0; node < GOOD; node++) await group.join()
    for (const onUpdate of withBad ? bad : []) {
      await group.join({
        gossip: { handler: { onUpdate }, observe, delivery: { timeoutMs: HANDLER_TIMEOUT_MS } }
      })
    }
    await delay(1500)
    for (let update = 0; update < updates; update++) {
      group.submit(update % GOOD, new Uint8Array(64))
      for (const { gossip } of group.members)
        mostWaiting = Math.max(mostWaiting, gossip.stats().waitingUpdates)
      await delay(20)
    }
    // The node that throws and the one that rejects must receive everything, too.
    const quick = Array.from({ length: withBad ? GOOD + 2 : GOOD }, (_, node) => node)
    const lost = await group.settle(20_000, quick)
    const delays = group.members
      .slice(0, GOOD)
      .flatMap(({ heard }) => [...heard].map(([id, { atMs }]) => atMs - group.submitted[id]!.atMs))
    return {
      lost,
      duplicates: group.duplicates,
      p95Ms: delays.length === 0 ? Infinity : quantile(delays, 0.95),
      failures,
      mostWaiting,
      throwerHeard: withBad ? group.members[GOOD]!.heard.size : updates
    }
  } finally {
    await group.stop()
  }
}
