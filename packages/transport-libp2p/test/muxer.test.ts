/** A connection that ends while a stream is opened ends that stream, and not the process. */

import type { Connection, MessageStream } from '@libp2p/interface'
import { expect, onTestFinished, test } from 'vitest'
import { startNode } from './nodes.ts'

/** What is under the muxer of `connection`, which no face shows. */
const under = (connection: Connection): MessageStream =>
  (connection as unknown as { muxer: { maConn: MessageStream } }).muxer.maConn

test('a write on a closed connection does not throw in a microtask', async () => {
  const uncaught: Error[] = []
  const note = (error: Error): void => void uncaught.push(error)
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', note)
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const each of listeners) process.on('uncaughtException', each)
  })
  const [a, b] = [await startNode(), await startNode()]
  await b.handle('/test', () => {})
  const connection = await a.dial(b.getMultiaddrs())
  const opening = connection.newStream('/test')
  under(connection)
    .close()
    .catch(() => {})
  await expect(opening).rejects.toThrow()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(uncaught).toEqual([])
})
