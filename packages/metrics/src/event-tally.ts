/**
 * Counts events that `stats()` does not count: failures by code, and messages by kind. Both are fixed sets, so memory is
 * bounded.
 */

import type { GossipEvent, Observer } from '@rumormill/protocol'

export interface EventTally {
  /** The observer for `createGossip`; may also be called from another observer. */
  readonly observe: Observer
  /** Failures by their error code. */
  readonly failures: Readonly<Record<string, number>>
  /** Messages sent, by kind. */
  readonly sent: Readonly<Record<string, number>>
}

export function eventTally(): EventTally {
  const failures: Record<string, number> = {}
  const sent: Record<string, number> = {}
  return {
    failures,
    sent,
    observe(event: GossipEvent) {
      if (event.kind === 'failed')
        failures[event.error.code] = (failures[event.error.code] ?? 0) + 1
      else if (event.kind === 'sent') sent[event.message] = (sent[event.message] ?? 0) + 1
    }
  }
}
