/** Single connections over real sockets, with a budget that throws as a failed allocation does. */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { GossipError } from '@rumormill/protocol/plugin'
import { AbortWatch, ByteBudget, NarrowPaths } from '@rumormill/stream-transport'
import { expect, onTestFinished, test } from 'vitest'
import { checkOptions } from '../src/config.ts'
import { Connection } from '../src/connection.ts'
import { Counters } from '../src/stats.ts'
import { bytesOf, hello, strangerTo, until } from './harness.ts'

/** Refuses once, as an allocation would. */
class UnluckyBudget extends ByteBudget {
  failures = 1

  override hold(...held: Parameters<ByteBudget['hold']>): void {
    if (this.failures-- > 0) throw new RangeError('Array buffer allocation failed')
    super.hold(...held)
  }
}

test('an error of reading, such as no memory for a frame, closes the connection and does not end the process', async () => {
  const [ends, received]: [GossipError[], Uint8Array[]] = [[], []]
  const share = {
    config: checkOptions({}),
    counters: new Counters(),
    partial: new UnluckyBudget(2 ** 20),
    narrow: new NarrowPaths(10, () => {}),
    queued: new ByteBudget(2 ** 20),
    aborts: new AbortWatch()
  }
  const server = createServer(
    (socket) =>
      new Connection(socket, share, {
        greet: (connection) =>
          Promise.resolve(connection.open('127.0.0.1:1', hello('127.0.0.1:2'))),
        spoke: () => {},
        contested: () => {},
        arriving: () => {},
        received: (_, frames) => received.push(...frames),
        closed: (_, error) => ends.push(error)
      })
  ).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const [unlucky, other] = [await strangerTo(address), await strangerTo(address)]
  for (const stranger of [unlucky, other]) {
    stranger.say(hello('127.0.0.1:1'))
    await until(() => expect(stranger.frames.length).toBe(1))
  }
  unlucky.socket.write(Buffer.from([0, 0, 0, 9, 1]))
  await unlucky.closed
  expect(ends.map(({ code }) => code)).toEqual(['TRANSPORT_FAILED'])
  other.say(bytesOf(1))
  await until(() => expect(received).toEqual([bytesOf(1)]))
})
