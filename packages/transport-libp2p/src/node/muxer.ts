/** Yamux over connections that may end at any moment. */

import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'

/**
 * Yamux 8 opens a stream in a microtask of its own. Where the connection has ended in the same turn, its write throws there,
 * which nobody can catch: the whole process would end. So writes to a connection that has ended are lost, as all others are.
 */
export function guardedYamux(): () => StreamMuxerFactory {
  const make = yamux()
  return () => {
    const factory = make()
    return {
      protocol: factory.protocol,
      createStreamMuxer: (connection) => factory.createStreamMuxer(guarded(connection))
    }
  }
}

function guarded(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  connection.send = (bytes) => {
    try {
      return send(bytes)
    } catch (error) {
      if ((error as Error).name !== 'StreamStateError') throw error
      return false
    }
  }
  return connection
}
