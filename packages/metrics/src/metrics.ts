/** The metrics of all exporters. Each figure of `stats()` must have an entry here, or it does not compile. */

import type { GossipStats } from '@rumormill/protocol'
import type { EventTally } from './event-tally.ts'

/** One metric. Counters only grow, from the start of a node. */
export interface Metric {
  /** Without prefix and suffix, in lower case with underscores. */
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  /** The unit in UCUM: `By` for bytes, `{update}` for a count of updates. */
  readonly unit: string
  readonly help: string
  /** The name of the label that distinguishes its figures. */
  readonly label?: string
  /** Returns one figure or, with a label, one for each of its values. `tally` is set when the node's events are counted. */
  readonly read: (
    stats: GossipStats,
    tally: EventTally | undefined
  ) => number | Readonly<Record<string, number>>
}

type Field = keyof GossipStats

const gauge = (name: string, unit: string, help: string) =>
  ({ kind: 'gauge', name, unit, help }) as const
const counter = (name: string, unit: string, help: string) =>
  ({ kind: 'counter', name, unit, help }) as const

/** The figures of `stats()` that are one number each. */
const FIGURES: Readonly<Record<Exclude<Field, 'dropped'>, Omit<Metric, 'read' | 'label'>>> = {
  viewSize: gauge('view_peers', '{peer}', 'Peers in the view.'),
  pastPeers: gauge('past_peers', '{peer}', 'Dropped peers that are retried at intervals.'),
  neighbors: gauge('neighbors', '{peer}', 'Peers that are sent fresh updates at once.'),
  bannedPeers: gauge('banned_peers', '{peer}', 'Peers banned for protocol violations.'),
  activeUpdates: gauge(
    'active_updates',
    '{update}',
    'Active updates: stored, and offered to peers.'
  ),
  activeBytes: gauge('active_updates_size', 'By', 'Size of the contents of active updates.'),
  graceUpdates: gauge(
    'grace_updates',
    '{update}',
    'Expired updates in their grace period, still served.'
  ),
  seenDigests: gauge(
    'seen_digests',
    '{digest}',
    'Digests of expired updates that are kept, so that they are not accepted again.'
  ),
  pendingRequests: gauge('pending_requests', '{update}', 'Updates requested and not yet received.'),
  pendingValidations: gauge(
    'pending_validations',
    '{update}',
    'Updates that wait for a verdict of validate.'
  ),
  postponedUpdates: gauge(
    'postponed_updates',
    '{update}',
    'Updates that could not be accepted yet and are retried later.'
  ),
  waitingUpdates: gauge('waiting_updates', '{update}', 'Updates that wait for the handler.'),
  waitingBytes: gauge(
    'waiting_updates_size',
    'By',
    'Size of the contents that wait for the handler or for a verdict.'
  ),
  sendingMessages: gauge('sending_messages', '{message}', 'Messages on their way to the network.'),
  sendingBytes: gauge('sending_size', 'By', 'Size of the messages on their way to the network.'),
  storageBacklog: gauge('storage_backlog', '{change}', 'Changes not yet known to be on disk.'),
  persistedBatches: counter('persisted_batches', '{batch}', 'Batches written to storage.'),
  persistedChanges: counter('persisted_changes', '{change}', 'Changes written to storage.'),
  storageFailures: counter(
    'storage_failures',
    '{failure}',
    'Writes to storage that failed or timed out.'
  ),
  damagedRecords: gauge(
    'damaged_records',
    '{record}',
    'Damaged records found when storage was opened.'
  ),
  submitted: counter('submitted_updates', '{update}', 'Updates accepted from the application.'),
  duplicates: counter(
    'duplicate_submissions',
    '{submission}',
    'Submissions of a content that was submitted or received before.'
  ),
  delivered: counter('delivered_updates', '{update}', 'Updates passed to the handler.'),
  served: counter(
    'served_updates',
    '{update}',
    'Contents pushed to peers, or sent at their request.'
  ),
  sentMessages: counter('sent_messages', '{message}', 'Messages sent.'),
  sentBytes: counter('sent', 'By', 'Size of the messages sent.'),
  receivedMessages: counter('received_messages', '{message}', 'Messages received and decoded.'),
  receivedBytes: counter('received', 'By', 'Size of the messages received and decoded.'),
  malformed: counter(
    'malformed_messages',
    '{message}',
    'Received frames that could not be decoded.'
  ),
  violations: counter('violations', '{violation}', 'Protocol violations by peers.'),
  failed: counter('failures', '{failure}', 'Failures reported to the observer; the node goes on.')
}

/** All metrics, in the order in which they are exported. */
export const METRICS: readonly Metric[] = [
  ...Object.entries(FIGURES).map(([field, metric]): Metric => ({
    ...metric,
    read: (stats) => stats[field as keyof typeof FIGURES]
  })),
  {
    ...counter('dropped', '{item}', 'Items dropped, by reason.'),
    label: 'reason',
    read: ({ dropped }) => dropped
  },
  {
    ...counter('failures_by_code', '{failure}', 'Failures by error code, if events are counted.'),
    label: 'code',
    read: (_stats, tally) => tally?.failures ?? {}
  },
  {
    ...counter(
      'sent_messages_by_kind',
      '{message}',
      'Messages sent, by kind, if events are counted.'
    ),
    label: 'kind',
    read: (_stats, tally) => tally?.sent ?? {}
  }
]
