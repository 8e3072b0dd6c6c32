/** Row 30: contents of all sizes, and more than a node may hold. */

import { amount, size } from '@rumormill/harness/figure'
import { liveBytes } from '@rumormill/harness/process-usage'
import type { GossipError, GossipService } from '@rumormill/protocol'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const LIMIT_BYTES = 512 * 1024
/** The first content has number 0, which fits into one byte. */
const SIZES = [1, 4, 5, 1000, LIMIT_BYTES - 1, LIMIT_BYTES]
const MAX_ACTIVE = 10_000
/** A store without expiration, which must refuse updates when it is full. */
const STORE = {
  store: { expiration: { mode: 'none' }, maxUpdates: MAX_ACTIVE, maxBytes: 64 * 2 ** 20 }
} as const
const MAX_HEAP_BYTES = 1.2 * 64 * 2 ** 20

export const sizesAndFloods: Row = { number: 30, name: 'sizes and floods', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const flood = short ? 20_000 : 100_000
  const group = new SocketGroup()
  const complaints: string[] = []
  try {
    await group.join({ gossip: STORE })
    await group.join({ gossip: STORE })
    const { gossip } = group.members[0]!
    const expect = (bytes: number, code: string): void => {
      const came = submitCode(gossip, new Uint8Array(bytes))
      if (came !== code) complaints.push(`${bytes} bytes: ${came}, not ${code}`)
    }
    expect(0, 'INVALID_UPDATE')
    expect(LIMIT_BYTES + 1, 'UPDATE_TOO_LARGE')
    for (const bytes of SIZES) group.submit(0, new Uint8Array(bytes))
    const lost = await group.settle(15_000)
    if (group.changed > 0)
      complaints.push(`${group.changed} contents differ from what was submitted`)
    const heapBytes = liveBytes()
    let refused = 0
    for (let id = 0; id < flood; id++) {
      const code = submitCode(gossip, contentOf(1_000_000 + id, 1024))
      if (code === 'STORE_FULL') refused++
      else if (code !== 'taken') complaints.push(`flood: ${code}`)
    }
    const grownBytes = liveBytes() - heapBytes
    const { activeUpdates, activeBytes } = gossip.stats()
    if (activeUpdates > MAX_ACTIVE) complaints.push(`${activeUpdates} updates are active`)
    if (refused !== flood - (MAX_ACTIVE - SIZES.length))
      complaints.push(`${refused} of ${flood} were refused`)
    if (grownBytes > MAX_HEAP_BYTES)
      complaints.push(`the heap grew by ${(grownBytes / 2 ** 20).toFixed(0)} MiB`)
    return {
      load: `2 nodes, ${flood} submits of 1 KiB`,
      faults: 'none',
      badInputs: refused + 2,
      lost,
      duplicates: group.duplicates,
      figures: [
        amount('refused', refused),
        amount('active', activeUpdates, { limit: MAX_ACTIVE }),
        size('of contents', activeBytes),
        size('heap grown', grownBytes, { limit: MAX_HEAP_BYTES })
      ],
      complaints: [...new Set(complaints)]
    }
  } finally {
    await group.stop()
  }
}

function submitCode(gossip: GossipService, content: Uint8Array): string {
  try {
    gossip.submit(content)
    return 'taken'
  } catch (error) {
    return (error as GossipError).code ?? String(error)
  }
}
