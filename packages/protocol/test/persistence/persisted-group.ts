/** A group whose nodes may have storage, and can be killed with what their disks had not yet. */

import type { MemoryDisk } from '@rumormill/testkit'
import { digestOf, type Storage, type GossipOptions } from '../../src/index.ts'
import { bytes, group as memoryGroup, type TestNode } from '../node/memory-group.ts'

export const digest = (text: string): string => digestOf(bytes(text))

export interface PersistedNode extends TestNode {
  /** Updates and messages reported as given up because the node was not running. */
  readonly dropped: () => number
}

interface PersistedGroup extends Pick<ReturnType<typeof memoryGroup>, 'clock' | 'network'> {
  readonly node: (
    address: string,
    peers: readonly string[],
    storage?: Storage,
    changes?: Partial<GossipOptions>
  ) => PersistedNode
  readonly kill: (address: string, disk: MemoryDisk) => void
}

/** A group under virtual time whose wall clock goes with it. */
export function group(seed = 1): PersistedGroup {
  const { clock, network, node: plainNode } = memoryGroup(seed)
  const node: PersistedGroup['node'] = (address, peers, storage, changes = {}) => {
    const plain = plainNode(address, peers, {
      wallClock: () => 1_800_000_000_000 + clock.now(),
      ...(storage === undefined ? {} : { storage }),
      ...changes
    })
    const dropped = (): number =>
      plain.events.reduce(
        (sum, each) =>
          sum +
          (each.kind === 'dropped' && each.reason === 'not-running' && each.peer === undefined
            ? each.count
            : 0),
        0
      )
    return { ...plain, dropped }
  }
  const kill = (address: string, disk: MemoryDisk): void => {
    network.kill(address)
    disk.crash()
  }
  return { clock, network, node, kill }
}
