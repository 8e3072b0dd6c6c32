/**
 * Connections counted by the host that they come from, so that no host keeps the others out: neither by handshakes that it
 * does not finish, nor by connections that it does not use. libp2p has one limit for all, and refuses the newcomer.
 */

import type {
  Connection,
  ConnectionGater,
  Libp2p,
  MultiaddrConnection,
  PeerId
} from '@libp2p/interface'
import { GossipError, type Rng } from '@rumormill/protocol'
import { defaultRng } from '@rumormill/stream-transport'
import { hostOf, isLoopback } from '../address.ts'
import { tellRefusal } from '../refusals.ts'
import { isUsed } from '../used-connections.ts'

export interface AdmissionLimits {
  /**
   * Inbound connections in their handshake. Beyond, one from the host with the most goes: one that has sent nothing for half a
   * second, else any. Default 256.
   */
  readonly pendingConnections: number
  /** The same from one host (one /64 network of IPv6), the loopback host excepted. Beyond, one of its own goes. Default 64. */
  readonly pendingPerHost: number
  /**
   * Connections in all. Beyond, of those on which nobody has said hello, of the host with the most, the oldest goes. Where there is none,
   * the newcomer is refused. Default 640: more than the links of one transport.
   */
  readonly connections: number
  /** Inbound connections from one host on which nobody has said hello, the loopback host excepted. Beyond, its oldest goes. Default 16. */
  readonly unusedPerHost: number
}

export const DEFAULT_ADMISSION: AdmissionLimits = {
  pendingConnections: 256,
  pendingPerHost: 64,
  connections: 640,
  unusedPerHost: 16
}

/** So young a connection is about to be used. */
const GRACE_MS = 1000

/** So young a handshake may have nothing from the peer yet. */
const SILENT_MS = 500

/** An inbound connection in its handshake. */
interface Pending {
  readonly connection: MultiaddrConnection
  readonly host: string
  hasSpoken: boolean
}

/** Hooks of a gater that are handed on as they are. */
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
  /** To be set as soon as there is one. */
  node: Libp2p | undefined
  readonly #limits: AdmissionLimits
  readonly #rng: Rng
  readonly #pending = new Map<MultiaddrConnection, Pending>()

  constructor(limits: AdmissionLimits, rng: Rng = defaultRng()) {
    this.#limits = limits
    this.#rng = rng
  }

  /** A gater that counts, and asks `inner` in everything. */
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
        this.#makeRoom(hostOf(connection.remoteAddr))
        return false
      }
    }
  }

  #begun(connection: MultiaddrConnection): void {
    const host = hostOf(connection.remoteAddr)
    const { pendingConnections, pendingPerHost } = this.#limits
    const all = [...this.#pending.values()]
    const ofHost = all.filter((each) => each.host === host)
    const isHostFull = ofHost.length >= pendingPerHost && !isLoopback(connection.remoteAddr)
    if (isHostFull || all.length >= pendingConnections) {
      const crowd = isHostFull ? host : mostCommon(all.map((each) => each.host))
      const name = isHostFull ? 'pendingPerHost' : 'pendingConnections'
      this.#giveUp(this.#choose(all.filter((each) => each.host === crowd)), name)
    }
    const pending = { connection, host, hasSpoken: false }
    this.#pending.set(connection, pending)
    onFirstBytes(connection, () => {
      pending.hasSpoken = true
    })
    connection.addEventListener('close', () => {
      if (!this.#pending.delete(connection) || this.node?.status !== 'started') return
      const why = 'it does not speak libp2p, has another pre-shared key, or was given up'
      const message = `a connection from ${host} ended before its handshake did: ${why}`
      tellRefusal(this.node, new GossipError('CONNECTION_LOST', message))
    })
  }

  /**
   * Which of `crowd` makes room. The oldest would be the wrong one: a host that connects a thousand times a second would drive
   * out a newcomer before its handshake can end.
   */
  #choose(crowd: readonly Pending[]): Pending {
    const silent = crowd.filter(
      ({ connection, hasSpoken }) => !hasSpoken && Date.now() - connection.timeline.open > SILENT_MS
    )
    const from = silent.length > 0 ? silent : crowd
    return from[this.#rng.below(from.length)]!
  }

  #giveUp({ connection, host }: Pending, name: keyof AdmissionLimits): void {
    this.#pending.delete(connection)
    connection.abort(this.#refused(host, `did not finish its handshake (admission.${name})`))
  }

  /** For one more connection of `host`. */
  #makeRoom(host: string): void {
    const { connections, unusedPerHost } = this.#limits
    const all = this.node?.getConnections() ?? []
    const unused = all.filter(isUnused)
    const ofHost = unused.filter(({ remoteAddr }) => hostOf(remoteAddr) === host)
    if (ofHost.length >= unusedPerHost && !isLoopback(ofHost[0]!.remoteAddr))
      this.#close(oldest(ofHost), 'unusedPerHost')
    else if (all.length >= connections && unused.length > 0) {
      const crowd = mostCommon(unused.map(({ remoteAddr }) => hostOf(remoteAddr)))
      this.#close(
        oldest(unused.filter(({ remoteAddr }) => hostOf(remoteAddr) === crowd)),
        'connections'
      )
    }
  }

  #close(connection: Connection, name: keyof AdmissionLimits): void {
    connection.abort(
      this.#refused(hostOf(connection.remoteAddr), `was not used (admission.${name})`)
    )
  }

  #refused(host: string, why: string): GossipError {
    const message = `a connection from ${host} made room for another: it ${why}`
    const error = new GossipError('OVERLOADED', message)
    if (this.node !== undefined) tellRefusal(this.node, error)
    return error
  }
}

/** Calls `told` when the peer has sent something. A listener before that of the handshake would take the bytes from it. */
function onFirstBytes(connection: MultiaddrConnection, told: () => void): void {
  const listen: EventTarget['addEventListener'] = connection.addEventListener.bind(connection)
  const target: EventTarget = connection
  target.addEventListener = (type, ...rest) => {
    listen(type, ...rest)
    if (type !== 'message') return
    target.addEventListener = listen
    listen(type, told, { once: true })
  }
}

function isUnused(connection: Connection): boolean {
  const { direction, status, timeline } = connection
  const isOld = Date.now() - timeline.open > GRACE_MS
  return direction === 'inbound' && status === 'open' && !isUsed(connection) && isOld
}

function oldest(connections: readonly Connection[]): Connection {
  return connections.reduce((one, other) => (other.timeline.open < one.timeline.open ? other : one))
}

function mostCommon(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].reduce((one, other) => (other[1] > one[1] ? other : one))[0]
}
