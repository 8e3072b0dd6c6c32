/** The listening side: admits connections within limits, and believes a hello only after checking it. */

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { GossipError, toGossipError, type GossipErrorCode } from '@rumormill/protocol'
import { mismatch, packFrames, withoutCode } from '@rumormill/stream-transport'
import { canonicalIp, formatAddress, hostPrefix, parseAddress, type Endpoint } from './address.ts'
import { hostPlace } from './admission.ts'
import { Connection, READ_AHEAD_BYTES } from './connection.ts'
import type { Connections } from './connections.ts'
import { haveCommon, helloOf, versionMismatch, type Identity } from './greeting.ts'
import { decodeHello, type HeardHello, type Verdict } from './hello.ts'
import type { Refusal } from './stats.ts'
import type { TransportContext } from './transport-context.ts'

export interface Listener {
  /** Resolves with where it listens. `host` is an IP address. Rejects with ADDRESS_UNAVAILABLE; then nothing is left open. */
  listen(host: string, port: number): Promise<Endpoint>
  /** Resolves once the port is free. Connections are not its business. */
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
    // Exclusive: each worker of a cluster is a node of its own, with an address of its own.
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

/** Takes the connection in when its host and its network may have one more; it then has until `helloMs` to say hello. */
function admit(socket: Socket, context: TransportContext): void {
  const { admission, counters, connections } = context
  // Already gone again: there is no address to judge.
  if (socket.remoteAddress === undefined) return void socket.destroy()
  const remoteIp = canonicalIp(socket.remoteAddress)
  let refusal = admission.enter(remoteIp)
  if (refusal === 'host-full' && closeSilentOf(remoteIp, context))
    refusal = admission.enter(remoteIp)
  if (refusal !== undefined) return turnAway(socket, remoteIp, refusal, context)
  counters.accepted++
  let hasLeft = false
  // Who speaks is no longer counted: many nodes may live behind one address.
  const leave = (): void => {
    if (!hasLeft) admission.leave(remoteIp)
    hasLeft = true
  }
  socket.once('close', leave)
  makeRoomToGreet(context)
  const connection = new Connection(socket, context, {
    greet: (_, hello) => greet(connection, hello, remoteIp, context),
    spoke: () => {
      leave()
      context.backOff.succeeded(connection.address!)
    },
    contested: () => context.twins.contested(connection),
    arriving: () => context.receiver!.arriving(connection.address!),
    received: (_, messages) => context.deliver(connection, messages),
    closed: (_, error, told) => context.connectionClosed(connection, error, told)
  })
  leaves.set(connection, leave)
  connection.claim = `${counters.accepted}`
  connection.remoteIp = remoteIp
  connections.add(connection)
}

/** What takes a connection that has not spoken out of the count of its host. */
const leaves = new WeakMap<Connection, () => void>()

/**
 * Closes the connection of the same host that has been silent longest without a hello, if there is one: peers behind one
 * address must not be kept out by a neighbor that opens connections and says nothing. Returns whether there was one.
 */
function closeSilentOf(remoteIp: string, { counters, connections }: TransportContext): boolean {
  const host = hostPlace(remoteIp)
  const silent = pending(connections).find((each) => hostPlace(each.remoteIp) === host)
  if (silent === undefined) return false
  counters.refuse('host-full')
  leaves.get(silent)?.()
  silent.close(madeRoom())
  return true
}

/** Connections without a hello, the one silent longest first. */
function pending(connections: Connections): Connection[] {
  return [...connections.all].filter(({ address }) => address === undefined)
}

function madeRoom(): GossipError {
  return new GossipError('OVERLOADED', 'a connection without a hello made room for another')
}

/** Says why before it closes: to the dialler, a connection that just ends looks like a fault of the network. */
function turnAway(
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
  const why = `it has as many that have said nothing yet as limits.${option} allows`
  context.trouble(
    new GossipError('OVERLOADED', `a connection from ${remoteIp} was refused: ${why}`)
  )
}

/**
 * Closes the connection silent longest when too many have not said hello. Correct peers say it at once; refusing the
 * newcomer instead would let a few dozen silent connections keep everybody out.
 */
function makeRoomToGreet({ config: { limits }, counters, connections }: TransportContext): void {
  const silent = pending(connections)
  if (silent.length < limits.pendingConnections) return
  counters.refuse('pending-full')
  silent[0]!.close(madeRoom())
}

/** Judges a dialler's hello: first whether it is of our group and can talk to us, then whether it is who it says. */
async function greet(
  connection: Connection,
  bytes: Uint8Array,
  remoteIp: string,
  context: TransportContext
): Promise<void> {
  const self = context.identity!
  const refuse = (
    refusal: Refusal,
    verdict: Verdict,
    error: GossipError,
    wasTold: boolean = false
  ): void => {
    if (connection.state === 'closed') return
    context.counters.refuse(refusal)
    connection.close(error, packFrames([helloOf(self, verdict)])[0], wasTold)
  }
  let hello: HeardHello
  try {
    hello = decodeHello(bytes)
  } catch (error) {
    if ((error as GossipError).code !== 'PROTOCOL_MISMATCH') throw error
    const told = !context.mismatched.add(remoteIp)
    return refuse('other-protocol', 'other-protocol', error as GossipError, told)
  }
  const caller = `${hello.address} at ${remoteIp}`
  const stranger = groupObjection(hello, self, remoteIp)
  if (stranger !== undefined) {
    const told = !context.mismatched.add(caller)
    return refuse('other-protocol', stranger.verdict, stranger.error, told)
  }
  const objection = await checkAddress(hello, remoteIp, context)
  if (objection?.code === 'OVERLOADED') return refuse('lookups-full', 'full', objection)
  if (objection !== undefined) return refuse('address-refused', 'address-refused', objection)
  if (connection.state !== 'greeting') return
  const from = formatAddress(parseAddress(hello.address))
  const error = context.twins.objection(from, hello.incarnation, remoteIp)
  if (error !== undefined) {
    const told = !context.mismatched.add(`${from} twice`)
    return refuse('identity-in-use', 'identity-in-use', error, told)
  }
  const room = context.connections.makeRoom('inbound', context.config.limits.inboundConnections)
  if (room === 'full') {
    const why = `no room for a connection from ${hello.address}`
    return refuse('inbound-connections-full', 'full', new GossipError('OVERLOADED', why))
  }
  if (room === 'evicted') context.counters.refuse('evicted')
  context.dials.proved(hostPrefix(remoteIp))
  connection.incarnation = hello.incarnation
  connection.open(from, helloOf(self))
  context.connections.lead(connection)
  context.mismatched.delete(caller)
  context.mismatched.delete(remoteIp)
}

/** Why the peer is not of this group, or cannot talk to it, if so. */
function groupObjection(
  hello: HeardHello,
  self: Identity,
  remoteIp: string
): { verdict: Verdict; error: GossipError } | undefined {
  const peer = `a peer at ${remoteIp}`
  if (hello.label !== self.label)
    return { verdict: 'other-protocol', error: mismatch(hello.label, self.label, peer) }
  if (!haveCommon(hello.versions, self.versions))
    return { verdict: 'other-version', error: versionMismatch(hello.versions, self.versions, peer) }
  return undefined
}

/** Why the advertised address is not believed, if so. */
async function checkAddress(
  hello: HeardHello,
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
      return refused('that is this node')
    if (context.config.trustAdvertisedHosts || (await context.hostCheck.belongs(host, remoteIp)))
      return undefined
    return refused('its host is another one; trustAdvertisedHosts allows that')
  } catch (error) {
    return refused(withoutCode(error as GossipError), (error as GossipError).code)
  }
}
