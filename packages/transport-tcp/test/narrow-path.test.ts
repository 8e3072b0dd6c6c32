/** Paths on which full-size packets are lost, simulated by a peer that is silent after the first large write. */

import { expect, test, vi } from 'vitest'
import { hello, startNode, strangeListener, type Stranger, type TestNode } from './harness.ts'

const WAIT = { timeout: 60_000, interval: 20 }
/** Larger than what is sent on a narrow path, and smaller than the first part of a large message. */
const LARGEST_CHUNK_BYTES = 1000

/** A listener that answers no more on a connection once `isLost` says so of what has just come on it. */
async function lossyListener(
  isLost: (chunk: Uint8Array) => boolean
): Promise<{ address: string; peers: Stranger[] }> {
  const peers: Stranger[] = []
  const address = await strangeListener((stranger) => {
    peers.push(stranger)
    stranger.socket.prependListener('data', (chunk: Uint8Array) => {
      if (isLost(chunk)) stranger.isSilent = true
    })
    stranger.say(hello(address))
  })
  return { address, peers }
}

function node(): Promise<TestNode> {
  return startNode({
    deadlines: { silentMs: 100, answerMs: 1700, firstBackOffMs: 1, longestBackOffMs: 1 }
  })
}

/** Sends a small message and a large one, and waits until the connection is lost. */
async function loseOne(sender: TestNode, address: string): Promise<void> {
  const before = sender.lost.length
  await sender.send(address, new Uint8Array(10))
  void sender.send(address, new Uint8Array(5000)).catch(() => {})
  await vi.waitFor(() => expect(sender.lost.length).toBeGreaterThan(before), WAIT)
  // The node backs off for a moment.
  await new Promise((resolve) => setTimeout(resolve, 50))
}

function told(sender: TestNode): string[] {
  return sender.failures.map(({ message }) => message).filter((text) => text.includes('MTU'))
}

test('a path that loses large packets is reported once, and large messages arrive in small packets', async () => {
  const { address, peers } = await lossyListener((chunk) => chunk.length > LARGEST_CHUNK_BYTES)
  const sender = await node()
  await loseOne(sender, address)
  expect(told(sender)).toEqual([])
  await loseOne(sender, address)
  expect(told(sender)).toEqual([expect.stringMatching(/do not reach .*check the MTU of the path/)])
  await sender.send(address, new Uint8Array(5000))
  await vi.waitFor(() => expect(peers.at(-1)!.frames.at(-1)).toHaveLength(5000), WAIT)
  expect(told(sender)).toHaveLength(1)
})

test('a peer that freezes repeatedly, at any message size, does not count as a narrow path', async () => {
  let isFrozen = false
  const { address, peers } = await lossyListener(() => isFrozen)
  const sender = await node()
  for (let n = 0; n < 3; n++) {
    isFrozen = false
    await sender.send(address, new Uint8Array(5000))
    await vi.waitFor(() => expect(peers[n]!.frames.at(-1)).toHaveLength(5000), WAIT)
    isFrozen = true
    await loseOne(sender, address)
  }
  expect(told(sender)).toEqual([])
})
