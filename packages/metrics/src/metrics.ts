/** What is exported, once for all exporters. A new figure of `stats()` does not compile until it has a line here. */

import type { GossipStats } from '@rumormill/protocol'
import type { EventTally } from './event-tally.ts'

/** One metric. Counters only ever grow, from the start of a node. */
export interface Metric {
  /** Without prefix and suffix, in lower case with underscores. */
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  /** As in UCUM: `By` for bytes, `{update}` for a count of updates. */
  readonly unit: string
  readonly help: string
  /** Name of the label that tells its figures apart. */
  readonly label?: string
  /** One figure; or, with a label, one for each of its values. `tally` is there when the node's events are counted. */
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

/** Each figure of `stats()` that is one number. */
const FIGURES: Readonly<Record<Exclude<Field, 'dropped'>, Omit<Metric, 'read' | 'label'>>> = {
  viewSize: gauge('view_peers', '{peer}', 'Peers in the view.'),
  pastPeers: gauge('past_peers', '{peer}', 'Unreachable peers that are tried again now and then.'),
  neighbors: gauge('neighbors', '{peer}', 'Peers with whom news is shared at once.'),
  bannedPeers: gauge('banned_peers', '{peer}', 'Peers that are banned for violations.'),
  activeUpdates: gauge('active_updates', '{update}', 'Updates that are active.'),
  activeBytes: gauge('active_updates_size', 'By', 'Bytes of the contents of active updates.'),
  graceUpdates: gauge('grace_updates', '{update}', 'Expired updates that are still handed over.'),
  seenDigests: gauge('seen_digests', '{digest}', 'Digests of expired updates.'),
  pendingRequests: gauge('pending_requests', '{update}', 'Updates asked for and awaited.'),
  pendingValidations: gauge(
    'pending_validations',
    '{update}',
    'Updates that wait for the validator.'
  ),
  postponedUpdates: gauge(
    'postponed_updates',
    '{update}',
    'Updates that could not be taken yet and are tried again later.'
  ),
  waitingUpdates: gauge('waiting_updates', '{update}', 'Updates that wait for the handler.'),
  waitingBytes: gauge(
    'waiting_updates_size',
    'By',
    'Bytes of contents that wait for the handler or for a verdict.'
  ),
  sendingMessages: gauge(
    'sending_messages',
    '{message}',
    'Messages that the network has not taken yet.'
  ),
  sendingBytes: gauge(
    'sending_size',
    'By',
    'Bytes of messages that the network has not taken yet.'
  ),
  storageBacklog: gauge('storage_backlog', '{change}', 'Changes that are not known to be on disk.'),
  persistedBatches: counter('persisted_batches', '{batch}', 'Batches that storage has taken.'),
  persistedChanges: counter('persisted_changes', '{change}', 'Changes that storage has taken.'),
  storageFailures: counter(
    'storage_failures',
    '{failure}',
    'Writes to storage that failed or took too long.'
  ),
  damagedRecords: gauge(
    'damaged_records',
    '{record}',
    'Records that were damaged when storage was opened.'
  ),
  submitted: counter('submitted_updates', '{update}', 'Updates accepted from the application.'),
  duplicates: counter(
    'duplicate_submissions',
    '{submission}',
    'Submissions of a content that was known already.'
  ),
  delivered: counter('delivered_updates', '{update}', 'Updates that the handler has taken.'),
  served: counter('served_updates', '{update}', 'Contents handed to the network for peers.'),
  sentMessages: counter('sent_messages', '{message}', 'Messages that the network has taken.'),
  sentBytes: counter('sent', 'By', 'Bytes of messages that the network has taken.'),
  receivedMessages: counter(
    'received_messages',
    '{message}',
    'Messages that arrived and were understood.'
  ),
  receivedBytes: counter('received', 'By', 'Bytes of messages that arrived and were understood.'),
  malformed: counter('malformed_messages', '{message}', 'Arrivals that were no messages.'),
  violations: counter('violations', '{violation}', 'What no correct peer does.'),
  failed: counter('failures', '{failure}', 'Failures that the node has told and outlived.')
}

/** All metrics, in the order in which they are exported. */
export const METRICS: readonly Metric[] = [
  ...Object.entries(FIGURES).map(([field, metric]): Metric => ({
    ...metric,
    read: (stats) => stats[field as keyof typeof FIGURES]
  })),
  {
    ...counter('dropped', '{item}', 'What was given up, by reason.'),
    label: 'reason',
    read: ({ dropped }) => dropped
  },
  {
    ...counter(
      'failures_by_code',
      '{failure}',
      'Failures by their error code, when events are counted.'
    ),
    label: 'code',
    read: (_stats, tally) => tally?.failures ?? {}
  },
  {
    ...counter(
      'sent_messages_by_kind',
      '{message}',
      'Messages that the network has taken, when events are counted.'
    ),
    label: 'kind',
    read: (_stats, tally) => tally?.sent ?? {}
  }
]
