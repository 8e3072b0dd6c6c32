/** The dialling side: one connection at a time to an address, and pauses after failures. */

import type { LookupAddress } from 'node:dns'
import {
  isIP,
  isIPv6,
  Socket,
  type LookupFunction,
  type SocketConstructorOpts,
  type TcpSocketConnectOpts
} from 'node:net'
import { callbackify } from 'node:util'
import { GossipError, type Address } from '@rumormill/protocol'
import { unprovedHostError } from '@rumormill/stream-transport'
import {
  formatAddress,
  hostPrefix,
  isLoopback,
  isUnspecified,
  parseAddress,
  type Endpoint
} from './address.ts'
import { Connection, READ_AHEAD_BYTES } from './connection.ts'
import { nowMs } from './deadlines.ts'
import { helloOf, objection as objectionTo } from './greeting.ts'
import { decodeHello } from './hello.ts'
import type { TransportContext } from './transport-context.ts'

/**
 * A new connection to `address`: it takes messages at once and sends them when the peer has said hello. Throws INVALID_ADDRESS,
 * UNREACHABLE while the address is in back-off, OVERLOADED when no connection can make room.
 */
export function dial(address: Address, context: TransportContext): Connection {
  const endpoint = parseAddress(address)
  if (formatAddress(endpoint) === context.identity!.address) {
    throw new GossipError('INVALID_ADDRESS', `${address} is this node itself`)
  }
  const { counters, connections, backOff } = context
  const { limits } = context.config
  const objection = backOff.objection(address, nowMs())
  if (objection !== undefined) {
    counters.refuse('backing-off')
    throw objection
  }
  const { socket, giveUp } = openSocket(endpoint, context)
  if (giveUp === undefined) throw unprovedHostError(endpoint.host)
  const room = connections.makeRoom('outbound', limits.outboundConnections)
  if (room === 'full') {
    giveUp()
    socket.destroy()
    counters.refuse('outbound-connections-full')
    const why = `all ${limits.outboundConnections} connections are in use; none is free for ${address}`
    throw new GossipError('OVERLOADED', why)
  }
  if (room === 'evicted') counters.refuse('evicted')
  const connection = new Connection(
    socket,
    context,
    {
      greet: (greeted, hello) => greet(greeted, hello, address, context),
      spoke: () => context.backOff.succeeded(address),
      contested: (open) => context.twins.contested(open),
      arriving: (open) => context.receiver!.arriving(open.address!),
      received: (open, messages) => context.deliver(open, messages),
      closed: (closed, error, told) => {
        giveUp()
        // What opened and was closed without a word was no success either.
        const isFailure = !closed.hasSpoken && !closed.endsInPeace && error.code !== 'NOT_RUNNING'
        if (closed.wasTurnedAway) backOff.turnedAway(address, nowMs(), error)
        else if (isFailure) backOff.failed(address, nowMs(), error)
        context.connectionClosed(closed, error, told)
      }
    },
    address
  )
  if (backOff.isReturning(address, nowMs())) connection.connectMs = RETURN_CONNECT_MS
  socket.once('connect', () => {
    connection.remoteIp = socket.remoteAddress ?? ''
    connection.connected(helloOf(context.identity!))
  })
  connections.add(connection)
  connections.lead(connection)
  return connection
}

/** A socket that connects in the turn of its host; with how to give that up, `undefined` when too many wait. */
function openSocket(
  endpoint: Endpoint,
  context: TransportContext
): { socket: Socket; giveUp: (() => void) | undefined } {
  const socket = new Socket({ readableHighWaterMark: READ_AHEAD_BYTES } as SocketConstructorOpts)
  socket.setNoDelay(true)
  const connect = (): void => {
    context.counters.dialled++
    socket.connect(connectOptions(endpoint, context))
  }
  // A name is dialled in the turn of the host that it stands for: see {@link lookupFirst}.
  const isName = isIP(endpoint.host) === 0
  if (isName) connect()
  const giveUp = isName ? () => {} : inTurn(endpoint.host, context, connect)
  return { socket, giveUp }
}

async function greet(
  connection: Connection,
  bytes: Uint8Array,
  address: Address,
  context: TransportContext
): Promise<void> {
  const hello = decodeHello(bytes)
  const error = objectionTo(hello, context.identity!, address)
  // Also who has no room is a member.
  if (error === undefined || error.code === 'OVERLOADED')
    context.dials.proved(hostPrefix(connection.remoteIp))
  if (error !== undefined) {
    const refusal = error.code === 'PROTOCOL_MISMATCH' ? 'other-protocol' : 'address-refused'
    if (error.code !== 'OVERLOADED') context.counters.refuse(refusal)
    return connection.close(error)
  }
  connection.incarnation = hello.incarnation
  connection.open(address)
  context.twins.dialled(connection)
}

/**
 * A node that listens on one address of several also dials from it, because that is where peers expect it to come from.
 * Names are then looked up in its own family; else in that of the address it advertises first.
 */
function connectOptions({ host, port }: Endpoint, context: TransportContext): TcpSocketConnectOpts {
  const { bound, identity } = context
  const advertisedHost = parseAddress(identity!.address).host
  const family = isIPv6(bound!.host) ? 6 : 4
  const fromBound =
    !isUnspecified(bound!.host) && !isLoopback(bound!.host) && [0, family].includes(isIP(host))
  const lookup = lookupFirst(context, isIP(advertisedHost))
  if (fromBound) return { host, port, localAddress: bound!.host, family, lookup }
  return { host, port, lookup }
}

/** Calls `go` when it is the turn of `ip`; returns how to give it up, `undefined` when too many wait. */
function inTurn(
  ip: string,
  { dials, counters }: TransportContext,
  go: () => void
): (() => void) | undefined {
  const giveUp = dials.enter(hostPrefix(ip), nowMs(), go)
  if (giveUp === undefined) counters.refuse('unproved-host')
  return giveUp
}

/** Looks up names, and names addresses of the `preferred` family first: peers believe those who come from where they can be dialled. */
function lookupFirst(context: TransportContext, preferred: number): LookupFunction {
  const resolve = callbackify((host: string) => context.names.resolve(host))
  return (host, { all, family }, done) =>
    resolve(host, (error, found) => {
      if (error !== null) return done(error, '')
      const fit = inOrder(found, preferred, [4, 6].includes(Number(family)) ? Number(family) : 0)
      if (fit.length === 0) return done(new Error(`${host} has no IPv${family} address`), '')
      const answer = (): void =>
        all === true ? done(null, fit) : done(null, fit[0]!.address, fit[0]!.family)
      if (inTurn(fit[0]!.address, context, answer) === undefined) done(unprovedHostError(host), '')
    })
}

/** Those of family `preferred` first; those of family `only` alone, unless it is 0. */
function inOrder(addresses: readonly string[], preferred: number, only: number): LookupAddress[] {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  const fit = all.filter(({ family }) => only === 0 || family === only)
  return [
    ...fit.filter(({ family }) => family === preferred),
    ...fit.filter(({ family }) => family !== preferred)
  ]
}

/** A peer that was lost lately is tried each second, so that none of the attempts misses its return for long. */
const RETURN_CONNECT_MS = 1000
