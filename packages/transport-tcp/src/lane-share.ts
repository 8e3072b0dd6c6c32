/** What lanes of a transport share. */

import type { ByteBudget, QueueShare } from '@rumormill/stream-transport'
import type { TcpConfig } from './config.ts'
import type { Counters } from './stats.ts'

export interface LaneShare extends QueueShare {
  readonly config: TcpConfig
  readonly counters: Counters
  /** For messages that are half received. */
  readonly partial: ByteBudget
}
