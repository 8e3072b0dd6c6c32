/**
 * Exchanges the labels of groups when they differ. libp2p refuses the protocol of another group without calling a handler, so
 * the dialled node would notice nothing. Therefore the dialler opens a protocol that all groups have, and sends its label.
 */

import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { GossipError, toGossipError } from '@rumormill/protocol/plugin'
import { packFrames, StreamReader, type ByteBudget } from '@rumormill/stream-transport'
import { hostOf } from './address.ts'

export const LABEL_PROTOCOL = '/rumormill/label/1'

/** The longest label, in bytes. */
export const MAX_LABEL_BYTES = 256

/** How many label streams one connection may have. */
const MAX_STREAMS = 1

/** A transport that receives labels. */
export interface LabelHost {
  readonly config: { readonly deadlines: { readonly helloMs: number } }
  readonly partial: ByteBudget
  /** A label arrived from `peer`, an authenticated id, at `host`. */
  labelled(label: string, peer: string, host: string): void
  refused(error: GossipError): void
}

/** The transports on each node, which share one handler. */
const hostsOf = new WeakMap<Libp2p, Set<LabelHost>>()

/** Passes labels to `host` until {@link ignoreLabels}. Does not reject, because gossip does not depend on labels. */
export async function takeLabels(node: Libp2p, host: LabelHost): Promise<void> {
  const existing = hostsOf.get(node)
  if (existing !== undefined) return void existing.add(host)
  const hosts = new Set([host])
  hostsOf.set(node, hosts)
  const limits = { maxInboundStreams: MAX_STREAMS, runOnLimitedConnection: true }
  try {
    await node.handle(
      LABEL_PROTOCOL,
      (stream, connection) => read(stream, connection, hosts),
      limits
    )
  } catch {
    // Another copy of this package has registered a handler.
  }
}

export async function ignoreLabels(node: Libp2p, host: LabelHost): Promise<void> {
  const hosts = hostsOf.get(node)
  if (hosts?.delete(host) !== true || hosts.size > 0) return
  hostsOf.delete(node)
  await node.unhandle(LABEL_PROTOCOL)
}

/** Sends `label` to a peer that does not speak its protocol. Does not reject: the peer may have an earlier version. */
export async function sayLabel(
  connection: Connection,
  label: string,
  deadlineMs: number
): Promise<void> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), deadlineMs)
  const { signal } = late
  try {
    const options = { signal, runOnLimitedConnection: true }
    const stream = await connection.newStream(LABEL_PROTOCOL, options)
    signal.addEventListener('abort', () => stream.abort(new Error('no answer in time')))
    stream.addEventListener('close', () => clearTimeout(timer))
    for (const piece of packFrames([new TextEncoder().encode(label)])) stream.send(piece)
    await stream.close({ signal })
  } catch {
    clearTimeout(timer)
  }
}

/** Reads one label, and closes the stream. */
function read(stream: Stream, connection: Connection, hosts: ReadonlySet<LabelHost>): void {
  const [first] = hosts
  if (first === undefined) return stream.abort(new Error('stopped'))
  const peer = connection.remotePeer.toString()
  const refuse = (error: GossipError): void => {
    for (const host of hosts) host.refused(error)
    stream.abort(error)
  }
  const late = setTimeout(
    () => refuse(new GossipError('TIMED_OUT', `${peer} opened a stream and sent no label`)),
    first.config.deadlines.helloMs
  )
  const ignored = { ping: () => {}, pong: () => {}, goodbye: () => {} }
  const sizes = { helloBytes: MAX_LABEL_BYTES, messageBytes: 0 }
  const reader = new StreamReader(sizes, first.partial, ignored)
  stream.addEventListener('close', () => {
    clearTimeout(late)
    reader.drop()
  })
  let isRead = false
  stream.addEventListener('message', ({ data }) => {
    if (isRead) return
    try {
      const [label] = reader.read(data.subarray(), performance.now())
      if (reader.failure !== undefined) throw reader.failure
      if (label === undefined) return
      isRead = true
      const text = new TextDecoder('utf-8', { fatal: true }).decode(label)
      for (const host of hosts) host.labelled(text, peer, hostOf(connection.remoteAddr))
      void stream.close().catch((error: Error) => stream.abort(error))
    } catch (error) {
      refuse(toGossipError(error, 'MALFORMED_MESSAGE', `the label of ${peer} is not UTF-8 text`))
    }
  })
}
