/**
 * Labels of groups, told where the groups differ. libp2p refuses the protocol of another group before a handler hears of it, so
 * that the node that was dialled would never know. So the dialler opens one protocol that all groups have, and says its label.
 */

import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { GossipError, toGossipError } from '@rumormill/protocol'
import { packFrames, StreamReader, type ByteBudget } from '@rumormill/stream-transport'
import { hostOf } from './address.ts'

export const LABEL_PROTOCOL = '/rumormill/label/1'

/** The longest label. */
export const MAX_LABEL_BYTES = 256

/** Streams with a label that one connection may have. */
const MAX_STREAMS = 1

/** Who hears of labels: a transport on the node. */
export interface LabelHost {
  readonly config: { readonly deadlines: { readonly helloMs: number } }
  readonly partial: ByteBudget
  /** `peer`, by its proven id, comes from `host` and is of another group. */
  labelled(label: string, peer: string, host: string): void
  refused(error: GossipError): void
}

/** The transports on each node: one handler is for all. */
const hostsOf = new WeakMap<Libp2p, Set<LabelHost>>()

/** Takes labels for `host`, until {@link ignoreLabels}. Does not reject: gossip does not depend on it. */
export async function takeLabels(node: Libp2p, host: LabelHost): Promise<void> {
  const known = hostsOf.get(node)
  if (known !== undefined) return void known.add(host)
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
    // Another copy of this package takes them.
  }
}

export async function ignoreLabels(node: Libp2p, host: LabelHost): Promise<void> {
  const hosts = hostsOf.get(node)
  if (hosts?.delete(host) !== true || hosts.size > 0) return
  hostsOf.delete(node)
  await node.unhandle(LABEL_PROTOCOL)
}

/** Says `label` to a peer that does not speak its protocol. Does not reject: the peer may be of an earlier version. */
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

/** Reads one label, and ends the stream. */
function read(stream: Stream, connection: Connection, hosts: ReadonlySet<LabelHost>): void {
  const [first] = hosts
  if (first === undefined) return stream.abort(new Error('stopped'))
  const peer = connection.remotePeer.toString()
  const refuse = (error: GossipError): void => {
    for (const host of hosts) host.refused(error)
    stream.abort(error)
  }
  const late = setTimeout(
    () => refuse(new GossipError('TIMED_OUT', `${peer} opened a stream and told no label`)),
    first.config.deadlines.helloMs
  )
  const ignored = { ping: () => {}, pong: () => {}, goodbye: () => {} }
  const sizes = { helloBytes: MAX_LABEL_BYTES, messageBytes: 0 }
  const reader = new StreamReader(sizes, first.partial, ignored)
  stream.addEventListener('close', () => {
    clearTimeout(late)
    reader.drop()
  })
  let isTold = false
  stream.addEventListener('message', ({ data }) => {
    if (isTold) return
    try {
      const [label] = reader.read(data.subarray(), performance.now())
      if (reader.failure !== undefined) throw reader.failure
      if (label === undefined) return
      isTold = true
      const text = new TextDecoder('utf-8', { fatal: true }).decode(label)
      for (const host of hosts) host.labelled(text, peer, hostOf(connection.remoteAddr))
      void stream.close().catch((error: Error) => stream.abort(error))
    } catch (error) {
      refuse(toGossipError(error, 'MALFORMED_MESSAGE', `the label of ${peer} is no text`))
    }
  })
}
