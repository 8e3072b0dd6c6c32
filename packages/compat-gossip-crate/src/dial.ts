/** An outbound connection, which carries one message. */

import { connect } from 'node:net'
import { GossipError, toGossipError } from '@rumormill/protocol/plugin'
import { formatAddress, type HostAndPort } from './address.ts'
import type { Limits } from './options.ts'
import type { Refusals } from './stats.ts'

export interface Dial {
  /** Closes the connection. Its message fails with `error`, unless the network has already taken it. */
  abandon(error: GossipError): void
}

/** The callbacks of a connection. `settled` is called once, and `closed` last. */
export interface DialOwner {
  /** The network has taken the message, or it failed with `error`. */
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
  // The crate sends nothing on the same connection; reading only detects its end.
  socket.resume()
  return { abandon }
}
