/** A connection to another: it takes one message and ends. */

import { connect } from 'node:net'
import { GossipError, toGossipError } from '@rumormill/protocol'
import { formatAddress, type HostAndPort } from './address.ts'
import type { Limits } from './options.ts'
import type { Refusals } from './stats.ts'

export interface Dial {
  /** Ends the connection; what it carries has then failed with `error`, unless the network has taken it. */
  abandon(error: GossipError): void
}

/** What becomes of a connection. `settled` comes once, and `closed` last. */
export interface DialOwner {
  /** The network has taken the message, or never will. */
  settled(error: GossipError | undefined): void
  closed(): void
}

export function dial(
  to: HostAndPort,
  bytes: Uint8Array,
  limits: Limits,
  refused: Refusals,
  owner: DialOwner
): Dial {
  const peer = formatAddress(to)
  const socket = connect(to)
  let [connected, settled] = [false, false]
  const settle = (error?: GossipError): void => {
    if (settled) return
    settled = true
    owner.settled(error)
  }
  const abandon = (error: GossipError): void => {
    socket.destroy()
    settle(error)
  }
  const late = setTimeout(() => {
    refused['connect-late']++
    abandon(new GossipError('UNREACHABLE', `${peer} does not answer (connectMs)`))
  }, limits.connectMs)
  let slow: ReturnType<typeof setTimeout> | undefined
  socket.on('connect', () => {
    connected = true
    clearTimeout(late)
    slow = setTimeout(() => {
      refused['write-late']++
      abandon(new GossipError('TIMED_OUT', `${peer} does not read (messageMs)`))
    }, limits.messageMs)
    socket.end(bytes)
  })
  socket.on('finish', () => settle())
  socket.on('error', (error) =>
    settle(toGossipError(error, connected ? 'CONNECTION_LOST' : 'UNREACHABLE', peer))
  )
  socket.on('close', () => {
    clearTimeout(late)
    clearTimeout(slow)
    settle(new GossipError('CONNECTION_LOST', peer))
    owner.closed()
  })
  // The crate says nothing on the same connection; reading finds its end.
  socket.resume()
  return { abandon }
}
