/** The nodes that an exporter reads, each with its labels. */

import { GossipError, type GossipService, type GossipStats } from '@rumormill/protocol'
import type { EventTally } from './event-tally.ts'
import type { Metric } from './metrics.ts'

/** A node, with labels that distinguish it from others of the same process. */
export interface Source {
  readonly gossip: Pick<GossipService, 'stats'>
  /** The tally of its events, if they are counted. */
  readonly tally?: EventTally | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface Sources {
  /** Exports a node until the returned function is called. A node that is not running has no figures. */
  add(source: Source): () => void
}

export class SourceSet implements Sources {
  readonly #sources = new Set<Source>()

  add(source: Source): () => void {
    this.#sources.add(source)
    return () => void this.#sources.delete(source)
  }

  /** Returns the running nodes with their figures. */
  *running(): Iterable<readonly [Source, GossipStats]> {
    for (const source of this.#sources) {
      const stats = statsOf(source)
      if (stats !== undefined) yield [source, stats]
    }
  }
}

/** Returns the figures of a metric for a source, each with all of its labels. */
export function* figuresOf(
  { label, read }: Metric,
  { labels, tally }: Source,
  stats: GossipStats
): Iterable<readonly [labels: Record<string, string>, figure: number]> {
  const figures = read(stats, tally)
  if (typeof figures === 'number') yield [{ ...labels }, figures]
  else
    for (const [value, figure] of Object.entries(figures))
      yield [{ ...labels, [label!]: value }, figure]
}

/** Returns the figures of a node; `undefined` before its start and after its stop. */
function statsOf({ gossip }: Source): GossipStats | undefined {
  try {
    return gossip.stats()
  } catch (error) {
    if (error instanceof GossipError && error.code === 'NOT_RUNNING') return undefined
    throw error
  }
}
