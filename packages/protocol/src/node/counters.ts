/** Counts events for `stats()`, so that observed events and counters always agree. */

import { DROP_REASONS, type DropReason } from '../model/drop.ts'
import type { GossipEvent } from '../ports/observer.ts'

/** Counters of events since `start`. */
export interface CountersSnapshot {
  /** Submissions that were accepted. */
  readonly submitted: number
  /** Submissions of updates that were submitted or received before. */
  readonly duplicates: number
  readonly delivered: number
  readonly served: number
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
  readonly malformed: number
  readonly violations: number
  readonly failed: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

export class Counters implements CountersSnapshot {
  submitted = 0
  duplicates = 0
  delivered = 0
  served = 0
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  malformed = 0
  violations = 0
  failed = 0
  readonly dropped: Record<DropReason, number> = Object.fromEntries(
    DROP_REASONS.map((reason) => [reason, 0])
  ) as Record<DropReason, number>

  count(event: GossipEvent): void {
    switch (event.kind) {
      case 'sent':
        this.sentMessages++
        this.sentBytes += event.bytes
        break
      case 'received':
        this.receivedMessages++
        this.receivedBytes += event.bytes
        break
      case 'duplicate':
        this.duplicates++
        break
      case 'dropped':
        this.dropped[event.reason] += event.count
        break
      case 'violation':
        this.violations++
        break
      case 'recovered':
        // Not counted: `failed` counts the beginnings of outages.
        break
      default:
        this[event.kind]++
    }
  }

  snapshot(): CountersSnapshot {
    const { dropped, ...counters } = this
    return { ...counters, dropped: { ...dropped } }
  }
}
