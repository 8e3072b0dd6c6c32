/** Counts events for `stats()`, so that observed events and counters always agree. */

import { DROP_REASONS, type DropReason } from '../model/drop.ts'
import type { GossipEvent } from '../ports/observer.ts'

export type CountersSnapshot = Omit<Counters, 'count' | 'snapshot'>

export class Counters {
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
