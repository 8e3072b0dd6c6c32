/** Paths on which packets of full size vanish, played by a proxy whose connections get stuck at the first large chunk. */

import { expect, test } from 'vitest'
import { startPeer, until, type Peer } from './nodes.ts'
import { startProxy } from './proxy.ts'

/** Larger than what is sent on a narrow path and than the handshakes, smaller than the first part of a large message. */
const LARGEST_CHUNK_BYTES = 1400

/** Sends a small message and a large one, and waits until the connection is lost. */
async function loseOne(sender: Peer, to: string): Promise<void> {
  const before = sender.lost.length
  await sender.send(to, new Uint8Array(10))
  sender.send(to, new Uint8Array(5000)).catch(() => {})
  await until('the connection is lost', () => sender.lost.length > before)
  // The node backs off for a moment.
  await new Promise((resolve) => setTimeout(resolve, 50))
}

function told(sender: Peer): string[] {
  return sender.failures.map(({ message }) => message).filter((text) => text.includes('MTU'))
}

test('a path that loses large packets is told once, and large messages get through in small ones', async () => {
  const receiver = await startPeer()
  const proxy = await startProxy(receiver.port)
  const sender = await startPeer({
    deadlines: { silentMs: 100, answerMs: 1700, firstBackOffMs: 1, longestBackOffMs: 1 }
  })
  const to = receiver.address.replace(`/tcp/${receiver.port}/`, `/tcp/${proxy.port}/`)
  try {
    proxy.stickAbove(LARGEST_CHUNK_BYTES)
    await loseOne(sender, to)
    expect(told(sender)).toEqual([])
    await loseOne(sender, to)
    expect(told(sender)).toEqual([expect.stringMatching(/check the MTU of the path/)])
    const isLarge = (): boolean => receiver.heard.some(({ bytes }) => bytes.length === 5000)
    expect(isLarge()).toBe(false)
    await sender.send(to, new Uint8Array(5000))
    await until('a large message is through', isLarge)
    expect(told(sender)).toHaveLength(1)
  } finally {
    await proxy.stop()
  }
})
