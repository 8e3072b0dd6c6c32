/** The nodes that an exporter asks, each with labels of its own. */
import { GossipError, type GossipService, type GossipStats } from '@rumormill/protocol'
import type { EventTally } from './event-tally.ts'

/** A node, and how it is told from others of the same process. */
export interface Source {
  readonly gossip: Pick<GossipService, 'stats'>
  /** What counts its events, if anything does. */
  readonly tally?: EventTally | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface Sources {
  /** From now on, until the function it returns is called. A node that does not run has no figures. */
  add(source: Source): () => void
}

/** The figures of a node; `undefined` before its start and after its stop. */
export function statsOf({ gossip }: Source): GossipStats | undefined {
  try {
    return gossip.stats()
  } catch (error) {
    if (error instanceof GossipError && error.code === 'NOT_RUNNING') return undefined
    throw error
  }
}
