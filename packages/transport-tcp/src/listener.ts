/** The listening side: accepts connections, and admits them within limits once their hellos are checked. */

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { GossipError, toGossipError, type GossipErrorCode } from '@rumormill/protocol/plugin'
import { mismatch, ofLargestHost, packFrames, withoutCode } from '@rumormill/stream-transport'
import {
  canonicalIp,
  formatAddress,
  hostPrefix,
  parseAddress,
  type Endpoint,
  isLoopback
} from './address.ts'
import { hostPlace } from './admission.ts'
import { Connection, READ_AHEAD_BYTES } from './connection.ts'
import { nowMs } from './deadlines.ts'
import { haveCommon, helloOf, versionMismatch, type Identity } from './greeting.ts'
import { decodeHello, type ReceivedHello, type HelloStatus } from './hello.ts'
import type { Refusal } from './stats.ts'
import type { TransportContext } from './transport-context.ts'

export interface Listener {
  /** Resolves with the bound endpoint. `host` must be an IP address. Rejects with ADDRESS_UNAVAILABLE and leaves nothing open. */
  listen(host: string, port: number): Promise<Endpoint>
  /** Resolves once the port is free. Does not close connections. */
  close(): Promise<void>
}

export function createListener(context: TransportContext): Listener {
  const server = createServer({ noDelay: true, highWaterMark: READ_AHEAD_BYTES })
  server.on('connection', (socket) => admit(socket, context))
  return {
    listen: (host, port) => listen(server, host, port, context),
    close: () => new Promise((resolve) => server.close(() => resolve()))
  }
}

function listen(
  server: Server,
  host: string,
  port: number,
  context: TransportContext
): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    const where = formatAddress({ host, port })
    const refuse = (cause: Error): void =>
      reject(
        new GossipError('ADDRESS_UNAVAILABLE', `cannot listen on ${where}: ${cause.message}`, {
          cause
        })
      )
    server.once('error', refuse)
    server.once('close', () => reject(new GossipError('NOT_RUNNING', 'the listener was closed')))
    // Exclusive, because each worker of a Node.js cluster is a node with its own address.
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', refuse)
      server.on('error', (error) =>
        context.fail(toGossipError(error, 'TRANSPORT_FAILED', 'the listener failed'))
      )
      const bound = server.address() as AddressInfo
      resolve({ host: canonicalIp(bound.address), port: bound.port })
    })
  })
}

/** Accepts the connection; its hello must then arrive within `helloMs`. */
function admit(socket: Socket, context: TransportContext): void {
  const { counters } = context
  // The socket has already closed, so it has no address to check.
  if (socket.remoteAddress === undefined) return void socket.destroy()
  counters.accepted++
  freePendingSlot(context)
  const remoteIp = canonicalIp(socket.remoteAddress)
  const connection = new Connection(socket, context, {
    greet: (_, hello) => greet(connection, hello, context),
    spoke: () => {
      context.admission.leave(connection)
      context.backOff.succeeded(connection.address!)
    },
    contested: () => context.twins.contested(connection),
    arriving: () => context.receiver!.arriving(connection.address!),
    received: (_, messages) => context.deliver(connection, messages),
    closed: (_, error, wasReported) => {
      context.admission.leave(connection)
      context.connectionClosed(connection, error, wasReported)
    }
  })
  connection.claim = `${counters.accepted}`
  connection.remoteIp = remoteIp
  context.begin(connection)
}

/**
 * Closes a connection without a hello when there are too many: the oldest of the host with the most. Refusing the newcomer
 * instead would let silent connections keep all peers out.
 */
function freePendingSlot({ config: { limits }, counters, connections }: TransportContext): void {
  const pending = [...connections.all].filter(({ address }) => address === undefined)
  if (pending.length < limits.pendingConnections) return
  const crowd = ofLargestHost(pending, ({ remoteIp }) => hostPlace(remoteIp))
  counters.refuse('pending-full')
  crowd[0]!.close(
    new GossipError(
      'OVERLOADED',
      'a connection without a hello was closed to make room for another (limits.pendingConnections)'
    )
  )
}

/** A peer may take so long, in milliseconds, from its connection to its first message before its slot is given to another. */
const GRACE_MS = 1000

/**
 * Counts a connection whose hello is correct in the limits of its host and network, until its first message. When a limit is
 * reached, the oldest such connection is closed; if that is younger than {@link GRACE_MS}, returns the limit.
 */
function takeSlot(connection: Connection, context: TransportContext): Refusal | undefined {
  const { admission, counters } = context
  for (;;) {
    const full = admission.enter(connection)
    if (full === undefined) return undefined
    if (nowMs() - full.oldest.sinceMs < GRACE_MS) return full.refusal
    counters.refuse(full.refusal)
    const why = `the connection to ${full.oldest.address}, which sent no message, was closed for another one`
    full.oldest.dismiss(new GossipError('OVERLOADED', why), 'full')
  }
}

/** Checks a dialler's hello: first its group and versions, then its address. Opens the connection or refuses it. */
async function greet(
  connection: Connection,
  bytes: Uint8Array,
  context: TransportContext
): Promise<void> {
  const self = context.identity!
  const { remoteIp } = connection
  const refuse = (
    refusal: Refusal,
    status: HelloStatus,
    error: GossipError,
    wasReported: boolean = false
  ): void => {
    if (connection.state === 'closed') return
    context.counters.refuse(refusal)
    connection.close(error, packFrames([helloOf(self, status)])[0], wasReported)
  }
  let hello: ReceivedHello
  try {
    hello = decodeHello(bytes)
  } catch (error) {
    if ((error as GossipError).code !== 'PROTOCOL_MISMATCH') throw error
    const wasReported = !context.mismatched.add(remoteIp)
    return refuse('other-protocol', 'other-protocol', error as GossipError, wasReported)
  }
  const caller = `${hello.address} at ${remoteIp}`
  const mismatched = groupObjection(hello, self, remoteIp)
  if (mismatched !== undefined) {
    const wasReported = !context.mismatched.add(caller)
    return refuse('other-protocol', mismatched.status, mismatched.error, wasReported)
  }
  const objection = await checkAddress(hello, remoteIp, context)
  if (objection?.code === 'OVERLOADED') return refuse('lookups-full', 'full', objection)
  if (objection !== undefined) return refuse('address-refused', 'address-refused', objection)
  if (connection.state !== 'greeting') return
  const from = formatAddress(parseAddress(hello.address))
  const error = context.twins.objection(from, hello.incarnation, remoteIp)
  if (error !== undefined) {
    const wasReported = !context.mismatched.add(`${from} twice`)
    return refuse('identity-in-use', 'identity-in-use', error, wasReported)
  }
  const full = takeSlot(connection, context)
  if (full !== undefined) return refuse(full, 'full', tooManyOf(remoteIp, full))
  const { inboundConnections } = context.config.limits
  const host = hostPrefix(remoteIp)
  const slot = context.connections.freeSlot('inbound', inboundConnections, host)
  if (slot === 'full') {
    const why = `all inbound connections are in use; refused ${hello.address}`
    return refuse('inbound-connections-full', 'full', new GossipError('OVERLOADED', why))
  }
  if (slot === 'evicted') context.counters.refuse('evicted')
  context.dials.proved(host)
  connection.incarnation = hello.incarnation
  connection.open(from, helloOf(self))
  context.connections.lead(connection)
  context.mismatched.delete(caller)
  context.mismatched.delete(remoteIp)
}

function tooManyOf(remoteIp: string, full: Refusal): GossipError {
  const perHost = isLoopback(remoteIp) ? 'connectionsPerLoopbackHost' : 'connectionsPerHost'
  const option = full === 'host-full' ? perHost : 'connectionsPerNetwork'
  const why = `too many of its connections have not sent a message yet (limits.${option})`
  return new GossipError('OVERLOADED', `a connection from ${remoteIp} was refused: ${why}`)
}

/** Returns the refusal of a peer of another group, or without a common version, if it is one. */
function groupObjection(
  hello: ReceivedHello,
  self: Identity,
  remoteIp: string
): { status: HelloStatus; error: GossipError } | undefined {
  const peer = `a peer at ${remoteIp}`
  if (hello.label !== self.label)
    return { status: 'other-protocol', error: mismatch(hello.label, self.label, peer) }
  if (!haveCommon(hello.versions, self.versions))
    return { status: 'other-version', error: versionMismatch(hello.versions, self.versions, peer) }
  return undefined
}

/** Resolves with the error if the advertised address is refused. */
async function checkAddress(
  hello: ReceivedHello,
  remoteIp: string,
  context: TransportContext
): Promise<GossipError | undefined> {
  const refused = (why: string, code: GossipErrorCode = 'INVALID_ADDRESS'): GossipError =>
    new GossipError(
      code,
      `a connection from ${remoteIp} advertises ${JSON.stringify(hello.address)}: ${why}`
    )
  try {
    const { host, port } = parseAddress(hello.address)
    if (formatAddress({ host, port }) === context.identity!.address)
      return refused('that is the address of this node')
    if (context.config.trustAdvertisedHosts || (await context.hostCheck.belongs(host, remoteIp)))
      return undefined
    return refused('it connects from another host; trustAdvertisedHosts would allow that')
  } catch (error) {
    return refused(withoutCode(error as GossipError), (error as GossipError).code)
  }
}
