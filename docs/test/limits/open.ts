/** Limits that the code keeps and no test reaches: a mutation that takes one away passes all tests. */

import { libp2pDefaults } from './libp2p.ts'
import type { OpenLimit } from './limit.ts'

const { limits, deadlines } = libp2pDefaults
const IN_STREAM = 'packages/transport-libp2p/src/in-stream.ts'
const STATION = 'packages/transport-libp2p/src/station.ts'
export const OPEN_NODE: readonly OpenLimit[] = [
  {
    name: 'marks of handled updates in an archive',
    value: undefined,
    file: 'packages/archive-level/src/ledger.ts',
    missing: 'none leaves a mark without its update'
  }
]

export const OPEN_LIBP2P: readonly OpenLimit[] = [
  { name: 'limits.links', value: limits.links, file: STATION, missing: 'none has so many peers' },
  {
    name: 'limits.queuedFramesPerLane',
    value: limits.queuedFramesPerLane,
    file: 'packages/framing/src/out-queue.ts',
    missing: 'none queues so many messages on one link'
  },
  {
    name: 'limits.partialBytes',
    value: limits.partialBytes,
    file: STATION,
    missing: 'none holds so many bytes of half-received messages'
  },
  {
    name: 'deadlines.frameMs',
    value: deadlines.frameMs,
    file: IN_STREAM,
    missing: 'none lets a message trickle'
  },
  {
    name: 'deadlines.writeMs',
    value: deadlines.writeMs,
    file: 'packages/transport-libp2p/src/out-stream.ts',
    missing: 'none waits until a write is late'
  },
  {
    name: 'deadlines.idleMs',
    value: deadlines.idleMs,
    file: IN_STREAM,
    missing: 'none waits until a link is idle'
  }
]
