/** Connections to others: each takes one message and ends. */
import { connect } from 'node:net'
import { GossipError, toGossipError } from '@rumormill/protocol'
import { parseAddress } from './address.ts'
import type { Limits } from './options.ts'

/** Resolves when the network has taken the message. */
export function dial(to: string, bytes: Uint8Array, limits: Limits, signal: AbortSignal): Promise<void> {
  const target = parseAddress(to)
  if (target === undefined) return Promise.reject(new GossipError('INVALID_ADDRESS', `${to} is not IP:PORT, and the crate knows no names`))
  if (bytes.length > limits.maxMessageBytes) {
    return Promise.reject(new GossipError('MESSAGE_TOO_LARGE', `${bytes.length} bytes to ${to} (maxMessageBytes)`))
  }
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const socket = connect(target)
    let connected = false
    const fail = (error: unknown): void => {
      socket.destroy()
      reject(error)
    }
    const onAbort = (): void => fail(signal.reason)
    const late = setTimeout(() => fail(new GossipError('UNREACHABLE', `${to} does not answer (connectMs)`)), limits.connectMs)
    let slow: ReturnType<typeof setTimeout> | undefined
    signal.addEventListener('abort', onAbort)
    socket.on('connect', () => {
      connected = true
      clearTimeout(late)
      slow = setTimeout(() => fail(new GossipError('TIMED_OUT', `${to} does not read (messageMs)`)), limits.messageMs)
      socket.end(bytes)
    })
    socket.on('finish', () => resolve())
    socket.on('error', (error) => fail(toGossipError(error, connected ? 'CONNECTION_LOST' : 'UNREACHABLE', to)))
    socket.on('close', () => {
      clearTimeout(late)
      clearTimeout(slow)
      signal.removeEventListener('abort', onAbort)
    })
    // The crate says nothing on the same connection; reading finds its end.
    socket.resume()
  })
}
