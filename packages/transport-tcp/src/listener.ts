/** The listening side: admits connections within limits, and checks their hellos. */

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { GossipError, toGossipError, type GossipErrorCode } from '@rumormill/protocol'
import { mismatch, packFrames, withoutCode } from '@rumormill/stream-transport'
import { canonicalIp, formatAddress, hostPrefix, parseAddress, type Endpoint } from './address.ts'
import { hostPlace } from './admission.ts'
import { Connection, READ_AHEAD_BYTES } from './connection.ts'
import type { Connections } from './connections.ts'
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

/** Accepts the connection if the limits of its host and network allow; its hello must then arrive within `helloMs`. */
function admit(socket: Socket, context: TransportContext): void {
  const { admission, counters } = context
  // The socket has already closed, so it has no address to check.
  if (socket.remoteAddress === undefined) return void socket.destroy()
  const remoteIp = canonicalIp(socket.remoteAddress)
  let refusal = admission.enter(remoteIp)
  if (refusal === 'host-full' && closeSilentOf(remoteIp, context))
    refusal = admission.enter(remoteIp)
  if (refusal !== undefined) return refuseSocket(socket, remoteIp, refusal, context)
  counters.accepted++
  let hasLeft = false
  // A connection with messages is no longer counted, because many nodes may share one address.
  const leave = (): void => {
    if (!hasLeft) admission.leave(remoteIp)
    hasLeft = true
  }
  socket.once('close', leave)
  freePendingSlot(context)
  const connection = new Connection(socket, context, {
    greet: (_, hello) => greet(connection, hello, remoteIp, context),
    spoke: () => {
      leave()
      context.backOff.succeeded(connection.address!)
    },
    contested: () => context.twins.contested(connection),
    arriving: () => context.receiver!.arriving(connection.address!),
    received: (_, messages) => context.deliver(connection, messages),
    closed: (_, error, wasReported) => context.connectionClosed(connection, error, wasReported)
  })
  leaves.set(connection, leave)
  connection.claim = `${counters.accepted}`
  connection.remoteIp = remoteIp
  context.begin(connection)
}

/** Functions that remove a connection from the count of its host. */
const leaves = new WeakMap<Connection, () => void>()

/**
 * Closes the oldest connection of the same host without a hello, if there is one: silent connections must not keep out other
 * peers behind the same address. Returns whether one was closed.
 */
function closeSilentOf(remoteIp: string, { counters, connections }: TransportContext): boolean {
  const host = hostPlace(remoteIp)
  const silent = pending(connections).find((each) => hostPlace(each.remoteIp) === host)
  if (silent === undefined) return false
  counters.refuse('host-full')
  leaves.get(silent)?.()
  silent.close(evicted())
  return true
}

/** Returns the connections without a hello, oldest first. */
function pending(connections: Connections): Connection[] {
  return [...connections.all].filter(({ address }) => address === undefined)
}

function evicted(): GossipError {
  return new GossipError('OVERLOADED', 'a connection without a hello was closed for another one')
}

/** Sends the reason before closing: a connection that just ends looks like a network failure to the dialler. */
function refuseSocket(
  socket: Socket,
  remoteIp: string,
  refusal: 'host-full' | 'network-full',
  context: TransportContext
): void {
  socket.on('error', () => {})
  socket.end(packFrames([helloOf(context.identity!, 'full')])[0]!)
  socket.destroySoon()
  context.counters.refuse(refusal)
  const option = refusal === 'host-full' ? 'connectionsPerHost' : 'connectionsPerNetwork'
  const why = `too many of its connections have not sent a message yet (limits.${option})`
  context.trouble(
    new GossipError('OVERLOADED', `a connection from ${remoteIp} was refused: ${why}`)
  )
}

/**
 * Closes the oldest connection without a hello when there are too many. Correct peers send their hello at once; refusing the
 * newcomer instead would let a few dozen silent connections keep all peers out.
 */
function freePendingSlot({ config: { limits }, counters, connections }: TransportContext): void {
  const silent = pending(connections)
  if (silent.length < limits.pendingConnections) return
  counters.refuse('pending-full')
  silent[0]!.close(evicted())
}

/** Checks a dialler's hello: first its group and versions, then its address. Opens the connection or refuses it. */
async function greet(
  connection: Connection,
  bytes: Uint8Array,
  remoteIp: string,
  context: TransportContext
): Promise<void> {
  const self = context.identity!
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
  const slot = context.connections.freeSlot('inbound', context.config.limits.inboundConnections)
  if (slot === 'full') {
    const why = `all inbound connections are in use; refused ${hello.address}`
    return refuse('inbound-connections-full', 'full', new GossipError('OVERLOADED', why))
  }
  if (slot === 'evicted') context.counters.refuse('evicted')
  context.dials.proved(hostPrefix(remoteIp))
  connection.incarnation = hello.incarnation
  connection.open(from, helloOf(self))
  context.connections.lead(connection)
  context.mismatched.delete(caller)
  context.mismatched.delete(remoteIp)
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
