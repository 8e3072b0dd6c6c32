/** Hosts that hold what others need: slots, and sockets that are closed. */

import { setTimeout as delay } from 'node:timers/promises'
import { packFrames, pongFrame } from '@rumormill/stream-transport'
import { expect, test } from 'vitest'
import { admitted, codeOf, startNode, until } from './harness.ts'

test('inbound connections: a host that keeps all busy makes room for one of another host', async () => {
  const b = await startNode({
    host: '127.0.0.1',
    limits: { inboundConnections: 3 },
    trustAdvertisedHosts: true
  })
  const alone = await admitted(b.address, 1, '127.0.0.2')
  const crowd = [await admitted(b.address, 2), await admitted(b.address, 3)]
  for (const { socket } of crowd) socket.write(Buffer.from([0, 0, 0, 9, 1]))
  await until(() => expect(b.transport.stats().partialBytes).toBeGreaterThanOrEqual(8))
  const newcomer = await admitted(b.address, 4, '127.0.0.3')
  await crowd[0]!.closed
  const others = [alone, crowd[1]!, newcomer]
  expect(others.map(({ socket }) => socket.destroyed)).toEqual([false, false, false])
  // One of the crowd itself finds the idle one of another host closed, but no third of its own.
  expect(b.transport.stats().refused.evicted).toBe(1)
})

test('a dismissed peer that reads nothing does not keep its socket, and the transport stops', async () => {
  const b = await startNode({ limits: { queuedBytesPerConnection: 2 ** 25 } })
  const peer = '127.0.0.1:1'
  const stranger = await admitted(b.address, 1)
  stranger.socket.pause()
  // Acknowledges what it never read, so that writes go on until the system takes no more.
  const pongs = Array.from({ length: 200 }, (_, n) =>
    Buffer.from(packFrames([pongFrame(n + 1, 2 ** 40)])[0]!)
  )
  const acknowledging = setInterval(() => stranger.socket.write(Buffer.concat(pongs)), 20)
  try {
    for (let n = 0; n < 24; n++) void codeOf(b.send(peer, new Uint8Array(2 ** 20)))
    const sent = (): number => b.transport.stats().sentBytes
    for (let before = 0; sent() > before || before < 2 ** 20; await delay(500)) before = sent()
    b.transport.dismiss!(peer, 'banned')
    expect(b.transport.stats().inboundConnections).toBe(0)
    const stopped = b.transport.stop().then(() => 'stopped')
    expect(await Promise.race([stopped, delay(20_000)])).toBe('stopped')
  } finally {
    clearInterval(acknowledging)
    stranger.socket.destroy()
  }
})
