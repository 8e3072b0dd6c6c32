/**
 * Limits inbound connections by host, so that one host cannot keep the others out with unfinished handshakes or unused
 * connections. libp2p itself has one limit for all hosts, and refuses the newcomer.
 */

import type {
  Connection,
  ConnectionGater,
  Libp2p,
  MultiaddrConnection,
  PeerId
} from '@libp2p/interface'
import { GossipError, type Rng } from '@rumormill/protocol/plugin'
import { defaultRng, ofLargestHost } from '@rumormill/stream-transport'
import { hostOf, isLoopback } from '../address.ts'
import { reportRefusal } from '../refusals.ts'
import { isOursOnly, isUsed } from '../used-connections.ts'

export interface AdmissionLimits {
  /**
   * Inbound connections in their handshake. Beyond it, one from the host (one /64 network of IPv6) with the most is closed: one
   * that has sent nothing for half a second, otherwise any that has sent nothing, otherwise any. Default 256.
   */
  readonly pendingConnections: number
  /** Handshakes begun by one host in one second, except loopback. Beyond it, the connection is closed. Default 100. */
  readonly handshakesPerHost: number
  /**
   * All connections. Beyond it, the oldest connection without a hello of the host with the most such connections is closed. If
   * there is none, the newcomer is refused. Default 640: more than the links of one transport.
   */
  readonly connections: number
  /** Inbound connections without a hello from one host, except loopback. Beyond it, its oldest is closed. Default 16. */
  readonly unusedPerHost: number
}

export const DEFAULT_ADMISSION: AdmissionLimits = {
  pendingConnections: 256,
  handshakesPerHost: 100,
  connections: 640,
  unusedPerHost: 16
}

/** A younger connection counts as used. */
const GRACE_MS = 1000

/** A younger handshake does not count as silent. */
const SILENT_MS = 500

/** An inbound connection in its handshake. */
interface Pending {
  readonly connection: MultiaddrConnection
  readonly host: string
  hasSpoken: boolean
}

/** The hooks of a gater that are forwarded unchanged. */
const HOOKS = [
  'denyDialPeer',
  'denyDialMultiaddr',
  'denyInboundConnection',
  'denyOutboundConnection',
  'denyInboundEncryptedConnection',
  'denyOutboundEncryptedConnection',
  'denyInboundUpgradedConnection',
  'denyOutboundUpgradedConnection',
  'denyInboundRelayReservation',
  'denyOutboundRelayedConnection',
  'denyInboundRelayedConnection',
  'filterMultiaddrForPeer'
] as const

export class Admission {
  /** Must be set once the node is created. */
  node: Libp2p | undefined
  readonly #limits: AdmissionLimits
  readonly #rng: Rng
  readonly #pending = new Map<MultiaddrConnection, Pending>()
  /** Handshakes of the second that began at {@link #countedSinceMs}, by host. */
  readonly #handshakes = new Map<string, number>()
  #countedSinceMs = 0

  constructor(limits: AdmissionLimits, rng: Rng = defaultRng()) {
    this.#limits = limits
    this.#rng = rng
  }

  /** Returns a gater that applies the limits, and forwards every call to `inner`. */
  gater(inner: ConnectionGater = {}): ConnectionGater {
    const gater: Record<string, unknown> = {}
    for (const hook of HOOKS) {
      const ask = inner[hook]?.bind(inner) as ((...args: unknown[]) => unknown) | undefined
      if (ask !== undefined) gater[hook] = ask
    }
    return {
      ...gater,
      denyInboundConnection: async (connection) => {
        if ((await inner.denyInboundConnection?.(connection)) === true) return true
        this.#begun(connection)
        return false
      },
      denyInboundUpgradedConnection: async (peer: PeerId, connection) => {
        this.#pending.delete(connection)
        if ((await inner.denyInboundUpgradedConnection?.(peer, connection)) === true) return true
        this.#freeSlot(hostOf(connection.remoteAddr))
        return false
      }
    }
  }

  #begun(connection: MultiaddrConnection): void {
    const host = hostOf(connection.remoteAddr)
    if (this.#pending.size >= this.#limits.pendingConnections) {
      const crowd = ofLargestHost([...this.#pending.values()], (each) => each.host)
      this.#giveUp(this.#choose(crowd), 'it was in its handshake', 'pendingConnections')
    }
    const pending = { connection, host, hasSpoken: false }
    this.#pending.set(connection, pending)
    onFirstBytes(connection, () => this.#spoke(pending))
    connection.addEventListener('close', () => {
      if (!this.#pending.delete(connection) || this.node?.status !== 'started') return
      const why = 'it does not speak libp2p, has another pre-shared key, or gave up'
      const message = `a connection from ${host} ended before its handshake was complete: ${why}`
      reportRefusal(this.node, new GossipError('CONNECTION_LOST', message))
    })
  }

  /** A handshake costs far more than a connection, so a host that begins too many cannot use up the processor. */
  #spoke(pending: Pending): void {
    pending.hasSpoken = true
    const { connection, host } = pending
    const now = Date.now()
    if (Math.abs(now - this.#countedSinceMs) >= 1000) {
      this.#handshakes.clear()
      this.#countedSinceMs = now
    }
    const begun = (this.#handshakes.get(host) ?? 0) + 1
    this.#handshakes.set(host, begun)
    if (begun > this.#limits.handshakesPerHost && !isLoopback(connection.remoteAddr))
      this.#giveUp(pending, 'began too many handshakes in a second', 'handshakesPerHost')
  }

  /**
   * Chooses which of `crowd` to close. Not the oldest: a host that connects a thousand times a second would displace every
   * other connection before its handshake can end.
   */
  #choose(crowd: readonly Pending[]): Pending {
    const old = crowd.filter(({ connection }) => Date.now() - connection.timeline.open > SILENT_MS)
    const silent = old.filter(({ hasSpoken }) => !hasSpoken)
    const from = [silent, old, crowd].find(({ length }) => length > 0)!
    return from[this.#rng.below(from.length)]!
  }

  #giveUp({ connection, host }: Pending, why: string, name: keyof AdmissionLimits): void {
    this.#pending.delete(connection)
    const message = `a connection from ${host} was closed: it ${why} (admission.${name})`
    connection.abort(this.#refused(message))
  }

  /** Closes an unused connection if the limits leave no slot for one more connection of `host`. */
  #freeSlot(host: string): void {
    const { connections, unusedPerHost } = this.#limits
    const all = this.node?.getConnections() ?? []
    const unused = all.filter(isUnused)
    const ofHost = unused.filter(({ remoteAddr }) => hostOf(remoteAddr) === host)
    if (ofHost.length >= unusedPerHost && !isLoopback(ofHost[0]!.remoteAddr)) {
      const excess = ofHost.length - unusedPerHost + 1
      for (const connection of oldestFirst(ofHost).slice(0, excess))
        this.#close(connection, 'it was not used', 'unusedPerHost')
    } else if (all.length >= connections && unused.length > 0) {
      const crowd = ofLargestHost(unused, ofConnection)
      this.#close(oldestFirst(crowd)[0]!, 'it was not used', 'connections')
    } else if (all.length >= connections) this.#makeRoom(host, all.filter(isOursOnly))
  }

  /**
   * Closes one of the connections of the host with the most, to admit one of a host with fewer. That they are used is no reason
   * to keep all of them: a hello costs an attacker nothing.
   */
  #makeRoom(newcomer: string, used: readonly Connection[]): void {
    const crowd = ofLargestHost(used, ofConnection)
    const ofNewcomer = used.filter((each) => ofConnection(each) === newcomer).length
    if (ofNewcomer + 1 >= crowd.length) return
    const why = 'its host has the most'
    this.#close(crowd[this.#rng.below(crowd.length)]!, why, 'connections')
  }

  #close(connection: Connection, why: string, name: keyof AdmissionLimits): void {
    const message = `a connection from ${ofConnection(connection)} was closed for another one: ${why}`
    connection.abort(this.#refused(`${message} (admission.${name})`))
  }

  #refused(message: string): GossipError {
    const error = new GossipError('OVERLOADED', message)
    if (this.node !== undefined) reportRefusal(this.node, error)
    return error
  }
}

/** Calls `arrived` when the peer has sent something. Listens after the handshake does, which would otherwise lose the bytes. */
function onFirstBytes(connection: MultiaddrConnection, arrived: () => void): void {
  const listen: EventTarget['addEventListener'] = connection.addEventListener.bind(connection)
  const target: EventTarget = connection
  target.addEventListener = (type, ...rest) => {
    listen(type, ...rest)
    if (type !== 'message') return
    target.addEventListener = listen
    listen(type, arrived, { once: true })
  }
}

function isUnused(connection: Connection): boolean {
  const { direction, status, timeline } = connection
  const isOld = Date.now() - timeline.open > GRACE_MS
  return direction === 'inbound' && status === 'open' && !isUsed(connection) && isOld
}

function oldestFirst(connections: readonly Connection[]): readonly Connection[] {
  return connections.toSorted((one, other) => one.timeline.open - other.timeline.open)
}

function ofConnection({ remoteAddr }: Connection): string {
  return hostOf(remoteAddr)
}
