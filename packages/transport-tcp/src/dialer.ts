/** The dialling side: opens connections, and backs off after failures. */

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
import { GossipError, type Address } from '@rumormill/protocol/plugin'
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
 * Opens a connection to `address`, which queues messages until the peer's hello has arrived. Throws INVALID_ADDRESS,
 * UNREACHABLE while the address is in back-off, and OVERLOADED when all connections are in use.
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
  const slot = connections.freeSlot('outbound', limits.outboundConnections)
  if (slot === 'full') {
    giveUp()
    socket.destroy()
    counters.refuse('outbound-connections-full')
    const why = `cannot dial ${address}: all ${limits.outboundConnections} outbound connections are in use`
    throw new GossipError('OVERLOADED', why)
  }
  if (slot === 'evicted') counters.refuse('evicted')
  const connection = new Connection(
    socket,
    context,
    {
      greet: (greeted, hello) => greet(greeted, hello, address, context),
      spoke: () => context.backOff.succeeded(address),
      contested: (open) => context.twins.contested(open),
      arriving: (open) => context.receiver!.arriving(open.address!),
      received: (open, messages) => context.deliver(open, messages),
      closed: (closed, error, wasReported) => {
        giveUp()
        // A connection that opened but was closed without any message counts as a failure, too.
        const isFailure = !closed.hasSpoken && !closed.endsInPeace && error.code !== 'NOT_RUNNING'
        if (closed.wasTurnedAway) backOff.turnedAway(address, nowMs(), error)
        else if (isFailure) backOff.failed(address, nowMs(), error)
        context.connectionClosed(closed, error, wasReported)
      }
    },
    address
  )
  if (backOff.isReturning(address, nowMs())) connection.connectMs = RETURN_CONNECT_MS
  socket.once('connect', () => {
    connection.remoteIp = socket.remoteAddress ?? ''
    connection.connected(helloOf(context.identity!))
  })
  context.begin(connection)
  connections.lead(connection)
  return connection
}

/** Returns a socket that connects in its host's turn, with a function that cancels that; `undefined` when too many wait. */
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
  // A name waits for the turn of the IP address that it resolves to: see {@link lookupFirst}.
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
  // A peer that refuses this node because it is full is a member, too.
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
 * Returns the options to connect. A node that listens on one of several addresses also dials from it, because peers check
 * the host of its connections. Names are then resolved in that address family; otherwise the family of the advertised
 * address comes first.
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

/** Calls `go` when the turn of `ip` comes. Returns a function that cancels it; `undefined` when too many wait. */
function inTurn(
  ip: string,
  { dials, counters }: TransportContext,
  go: () => void
): (() => void) | undefined {
  const giveUp = dials.enter(hostPrefix(ip), nowMs(), go)
  if (giveUp === undefined) counters.refuse('unproved-host')
  return giveUp
}

/** Resolves names, with the `preferred` family first: peers check that a connection comes from the advertised host. */
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

/** Returns the addresses with family `preferred` first; only those of family `only`, unless it is 0. */
function inOrder(addresses: readonly string[], preferred: number, only: number): LookupAddress[] {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  const fit = all.filter(({ family }) => only === 0 || family === only)
  return [
    ...fit.filter(({ family }) => family === preferred),
    ...fit.filter(({ family }) => family !== preferred)
  ]
}

/** The deadline for dials of a peer that was lost recently: short attempts notice its return soon. */
const RETURN_CONNECT_MS = 1000
