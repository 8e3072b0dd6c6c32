/** Yamux, with a workaround for connections that end while a stream is opened. */

import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'

/**
 * Returns a muxer that ignores writes to closed connections. Yamux 8 opens a stream in a microtask of its own. If the
 * connection ends in the same turn, its write throws there, which cannot be caught and would end the process.
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
