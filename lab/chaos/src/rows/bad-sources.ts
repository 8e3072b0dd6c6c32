/** Row 28: peer sources that fail in several ways, and then answer. */

import { setTimeout as delay } from 'node:timers/promises'
import { duration } from '@rumormill/harness/figure'
import type { Address, PeerSource } from '@rumormill/protocol'
import type { Row, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'

const START_LIMIT_MS = 1000
const TIMEOUT_MS = 1000
/** A node without peers asks about once a second: two retries, after a first call that may have hung. */
const JOIN_LIMIT_MS = TIMEOUT_MS + 2 * 2500

export const badSources: Row = { number: 28, name: 'bad peer sources', mode: 'L', run }

async function run(): Promise<RowResult> {
  const group = new SocketGroup()
  const complaints: string[] = []
  let [slowestMs, largestView] = [0, 0]
  try {
    await group.join()
    const good = group.members[0]!.gossip.address
    let namedItself = false
    const bad = badAnswers(() => {
      const { address } = group.members.at(-1)!.gossip
      namedItself = true
      return address
    })
    for (const [name, answer] of Object.entries(bad)) {
      let calls = 0
      const peers: PeerSource = {
        peers: async () => (calls++ === 0 ? answer() : [good]) as readonly Address[]
      }
      const startMs = performance.now()
      const { gossip } =
        group.members[
          await group.join({
            gossip: { peerSource: peers, peerFinding: { timeoutMs: TIMEOUT_MS } }
          })
        ]!
      const startedMs = performance.now() - startMs
      if (startedMs > START_LIMIT_MS)
        complaints.push(`start took ${startedMs.toFixed(0)} ms with a source that ${name}`)
      const knows = (): boolean => gossip.peers().some(({ address }) => address === good)
      while (!knows() && performance.now() - startMs < 2 * JOIN_LIMIT_MS) {
        largestView = Math.max(largestView, gossip.stats().viewSize)
        await delay(10)
      }
      const joinedMs = performance.now() - startMs
      slowestMs = Math.max(slowestMs, joinedMs)
      if (joinedMs > JOIN_LIMIT_MS)
        complaints.push(`joined after ${joinedMs.toFixed(0)} ms with a source that ${name}`)
    }
    if (!namedItself) complaints.push('no source named its own node')
    if (largestView > 30) complaints.push(`a view held ${largestView}`)
    group.submit(0, new Uint8Array(64))
    const lost = await group.settle(10_000)
    return {
      load: `${group.members.length} nodes`,
      faults: Object.keys(bad).join(', '),
      badInputs: Object.keys(bad).length,
      lost,
      duplicates: group.duplicates,
      figures: [duration('slowest to join', slowestMs, { limit: JOIN_LIMIT_MS })],
      complaints
    }
  } finally {
    await group.stop()
  }
}

/** Returns the first answer of each source, by its description. `own` returns the address of the asking node. */
function badAnswers(own: () => Address): Readonly<Record<string, () => unknown>> {
  return {
    throws: () => {
      throw new Error('no')
    },
    hangs: () => new Promise(() => {}),
    'names no peer': () => [],
    'is garbage': () => ({ not: 'a list' }),
    'lists garbage': () => [null, 7, '', '\ud800', 'a'.repeat(1000)],
    'names itself': () => [own()],
    'lists 100,000': () =>
      Array.from({ length: 100_000 }, (_, index) => `127.0.0.1:${1 + (index % 9)}`)
  }
}
