/** The state that the streams of one running transport share: its identity, its links and its receiver. */

import type { Connection, Stream } from '@libp2p/interface'
import {
  GossipError,
  type Address,
  type DismissalReason,
  type Receiver
} from '@rumormill/protocol/plugin'
import {
  farewellError,
  GuardedReceiver,
  mismatch,
  StreamContext,
  turnedAwayError,
  type GoodbyeReason
} from '@rumormill/stream-transport'
import { crowdOf, parseAddress, type PeerAddress } from './address.ts'
import type { Libp2pConfig } from './config.ts'
import { closeSpare, markLeft, openTo, preferred } from './connections.ts'
import { Departures } from './departures.ts'
import { ownKeyError, streamLost } from './failures.ts'
import type { Hello } from './hello.ts'
import { InStream } from './in-stream.ts'
import type { LabelHost } from './labels.ts'
import { spareLink, type Link } from './links.ts'
import { OutStream } from './out-stream.ts'
import { Proofs } from './proofs.ts'
import type { Counters, StreamHost } from './stream-host.ts'
import { StreamTwins } from './twins.ts'
import { isUsedByOthers, markUsed } from './used-connections.ts'

export class TransportContext extends StreamContext implements StreamHost, LabelHost {
  readonly config: Libp2pConfig
  override readonly receiver: GuardedReceiver
  readonly protocol: string
  readonly self: Hello
  readonly proofs: Proofs
  readonly departures: Departures = new Departures(() => this.sweep?.soon())
  readonly counters: Counters = {
    sentMessages: 0,
    sentBytes: 0,
    receivedMessages: 0,
    receivedBytes: 0,
    refused: 0
  }
  /** The stream to write on, by peer id. */
  readonly #outs = new Map<string, OutStream>()
  readonly #ins = new Set<InStream>()
  /** Connections that close soon. */
  readonly #leaving = new Set<Connection>()
  readonly #twins: StreamTwins<InStream>
  /** The address of each peer: the one that was sent to, otherwise the one of its hello. */
  readonly #names = new Map<string, Address>()
  /** The inverse of `#names`, so that each address is parsed once. */
  readonly #peers = new Map<Address, string>()
  /** The goodbyes of peers that have not yet closed their streams. */
  readonly #farewells = new Map<string, GossipError>()

  constructor(config: Libp2pConfig, protocol: string, self: Address, receiver: Receiver) {
    super(config, crowdOf)
    this.config = config
    this.protocol = protocol
    this.self = { address: self, incarnation: Date.now() }
    this.receiver = new GuardedReceiver(receiver)
    this.proofs = new Proofs(config, this.dials)
    this.#twins = new StreamTwins<InStream>({
      ins: this.#ins,
      silentMs: config.deadlines.silentMs,
      mismatched: this.mismatched,
      refused: () => this.counters.refused++,
      fail: (error) => this.fail(error)
    })
  }

  get links(): number {
    return this.#names.size
  }

  nowMs(): number {
    return performance.now()
  }

  /** Returns the stream to `address`; opens one if there is none. Throws INVALID_ADDRESS, UNREACHABLE or OVERLOADED. */
  outTo(address: Address): OutStream {
    const existing = this.#outs.get(this.#peers.get(address) ?? '')
    if (existing !== undefined) return existing
    const to = parseAddress(address)
    if (to.peer === this.config.node.peerId.toString()) throw ownKeyError(address)
    if (preferred(this.config.node, to.peer) === undefined && this.proofs.failed(address))
      throw new GossipError(
        'UNREACHABLE',
        `${address} is not dialled: a recent dial did not find its key there`
      )
    const objection = this.backOff.objection(address, this.nowMs())
    if (objection !== undefined) throw objection
    this.#freeSlot(to.peer)
    this.#name(to.peer, address)
    const out =
      this.#outs.get(to.peer) ??
      new OutStream(to, this, (closed, error) => this.#outClosed(closed, error))
    out.address = address
    this.#outs.set(to.peer, out)
    this.sweep?.soon()
    return out
  }

  /** Handles a stream that a peer opened. */
  admit(stream: Stream, connection: Connection): void {
    this.#ins.add(new InStream(stream, connection, this, (closed) => this.#inClosed(closed)))
    this.sweep?.soon()
  }

  prove(to: PeerAddress): void {
    void this.proofs.seek(to)
    this.sweep?.soon()
  }

  proved(to: PeerAddress): void {
    this.proofs.found(to)
  }

  greeted(peer: string, address: Address, connection: Connection): void {
    markUsed(connection)
    this.mismatched.delete(`label of ${peer}`)
    this.#freeSlot(peer)
    this.backOff.succeeded(address)
    if (!this.#names.has(peer)) this.#name(peer, address)
  }

  twin(stream: InStream): GossipError | undefined {
    return this.#twins.newcomer(stream)
  }

  spoke(stream: InStream): void {
    this.#twins.spoke(stream)
  }

  contested(peer: Address): void {
    this.#twins.contested(this.config.node.peerId.toString(), peer)
  }

  /** Delivers a message. An error that the receiver throws is reported and affects no other message. */
  deliver(peer: string, frame: Uint8Array): void {
    const from = this.#names.get(peer)
    if (from === undefined) return
    this.counters.receivedMessages++
    this.counters.receivedBytes += frame.length
    // The peer sends messages, so a goodbye on another of its streams no longer counts.
    if (this.#farewells.size > 0) this.#farewells.delete(peer)
    this.receiver.receive(from, frame)
  }

  arriving(peer: string): void {
    const from = this.#names.get(peer)
    if (from !== undefined) this.receiver.arriving(from)
  }

  received(peer: string, nowMs: number): void {
    this.#outs.get(peer)?.received(nowMs)
  }

  dismissed(peer: string, reason: GoodbyeReason | undefined): void {
    this.#farewells.set(peer, farewellError(this.#names.get(peer) ?? peer, 'stream', reason))
  }

  dismiss(address: Address, reason: DismissalReason): void {
    const peer = this.#peers.get(address)
    if (peer === undefined) return
    const why = turnedAwayError(reason)
    this.counters.refused++
    for (const stream of this.#ins) if (stream.peer === peer) stream.dismiss(why, reason)
    const out = this.#outs.get(peer)
    if (out !== undefined) out.endsInPeace = true
    out?.close(why, reason)
    for (const connection of openTo(this.config.node, peer)) this.leave(connection, why)
  }

  /** Closes the group's streams on `connection` after a goodbye, and the connection itself unless something else uses it. */
  leave(connection: Connection, why: GossipError): void {
    if (this.#leaving.has(connection)) return
    this.#leaving.add(connection)
    markLeft(connection)
    this.departures.add(() => {
      this.#leaving.delete(connection)
      if (!isUsedByOthers(connection, this.protocol)) return connection.abort(why)
      for (const stream of connection.streams)
        if (stream.protocol === this.protocol) stream.abort(why)
    }, this.nowMs())
  }

  /** Reports a peer of another group, once until it speaks the protocol. */
  labelled(label: string, peer: string, host: string): void {
    if (label === this.protocol) return
    this.counters.refused++
    if (this.mismatched.add(`label of ${peer}`))
      this.trouble(mismatch(label, this.protocol, `${peer} at ${host}`))
  }

  /** Reports a connection that was refused before it had a stream. */
  refused(error: GossipError): void {
    this.counters.refused++
    this.trouble(error)
  }

  /** Checks deadlines, and closes spare connections. Returns for how many milliseconds nothing can be due. */
  checkDeadlines(nowMs: number): number {
    this.receiver.tellBursts(nowMs)
    this.dials.release(nowMs)
    this.departures.sweep(nowMs)
    for (const out of this.#outs.values()) out.watched = this.isWatched(out.address)
    const streams = [...this.#ins, ...this.#outs.values()]
    for (const stream of streams) stream.checkDeadlines(nowMs)
    for (const out of this.#outs.values()) {
      // The next message opens a stream on the connection that both sides keep.
      if (!out.isIdle || !out.isSpare) continue
      out.endsInPeace = true
      out.close(new GossipError('CONNECTION_LOST', `two connections led to ${out.address}`))
    }
    for (const peer of this.#names.keys()) closeSpare(this.config.node, peer)
    if (this.dials.hasWaiting || !this.departures.isEmpty) return 0
    return Math.min(...streams.map((stream) => stream.calmMs(nowMs)))
  }

  /** Closes all streams. Resolves when the written bytes have arrived, or the wait for that has ended. */
  async close(reason: GossipError): Promise<void> {
    this.proofs.stop()
    const outs = [...this.#outs.values()]
    for (const stream of [...this.#ins, ...outs]) stream.close(reason)
    await Promise.all(outs.map(({ ended }) => ended))
    this.departures.endAll()
  }

  #outClosed(out: OutStream, error: GossipError): void {
    if (this.#outs.get(out.peer) === out) this.#outs.delete(out.peer)
    // Keeps the reason for the streams of the same connection, which end next.
    if (out.opened && error.code === 'UNREACHABLE') this.#farewells.set(out.peer, error)
    this.#forget(out.peer, out.endsInPeace || !out.opened ? undefined : error)
  }

  #inClosed(stream: InStream): void {
    if (!this.#ins.delete(stream)) return
    this.#twins.ended(stream)
    const error = stream.endsInPeace ? undefined : streamLost(stream.peer, undefined)
    this.#forget(stream.peer, error)
  }

  #name(peer: string, address: Address): void {
    const before = this.#names.get(peer)
    if (before !== undefined) this.#peers.delete(before)
    this.#names.set(peer, address)
    this.#peers.set(address, peer)
  }

  /** Handles the end of a stream. A peer without streams is lost, unless `error` is `undefined` after a normal close. */
  #forget(peer: string, error: GossipError | undefined): void {
    if (this.#outs.has(peer)) return
    for (const stream of this.#ins) if (stream.peer === peer) return
    const address = this.#names.get(peer)
    const why = this.#farewells.get(peer) ?? error
    this.#farewells.delete(peer)
    this.#names.delete(peer)
    if (address === undefined) return
    this.#peers.delete(address)
    if (error === undefined || error.code === 'NOT_RUNNING') return
    this.backOff.lost(address, this.nowMs())
    this.receiver.lost(address, why!)
  }

  /** Closes the longest-idle link of the host with the most if the limit is reached. Throws OVERLOADED when all are in use. */
  #freeSlot(peer: string): void {
    if (this.#names.has(peer) || this.#names.size < this.config.limits.links) return
    const spare = spareLink(this.#links())
    if (spare === undefined)
      throw new GossipError('OVERLOADED', `all ${this.config.limits.links} links are in use`)
    const why = `the idle link to ${this.#names.get(spare.peer)} was closed for another one`
    // Its connection would count as used as long as it is open.
    for (const connection of openTo(this.config.node, spare.peer))
      this.leave(connection, new GossipError('CONNECTION_LOST', why))
    for (const stream of spare.ins) stream.dismiss(new GossipError('OVERLOADED', why), 'full')
    if (spare.out === undefined) return
    spare.out.endsInPeace = true
    spare.out.close(new GossipError('CONNECTION_LOST', why))
  }

  #links(): Link[] {
    const links = new Map<string, Link>()
    for (const out of this.#outs.values()) links.set(out.peer, { peer: out.peer, out, ins: [] })
    for (const stream of this.#ins) {
      if (!this.#names.has(stream.peer)) continue
      const link = links.get(stream.peer) ?? { peer: stream.peer, out: undefined, ins: [] }
      link.ins.push(stream)
      links.set(stream.peer, link)
    }
    return [...links.values()]
  }
}
