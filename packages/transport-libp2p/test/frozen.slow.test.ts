/** A frozen peer is detected by the messages sent to it; links.test.ts shows that it delays no other peer. */

import { expect, test } from 'vitest'
import { startChild } from './child.ts'
import { startPeer, until } from './nodes.ts'

test('a frozen peer is detected, and delays no other peer', async () => {
  const [frozen, a, friend] = [await startChild(), await startPeer(), await startPeer()]
  await a.send(frozen.address, Uint8Array.of(1))
  frozen.freeze()
  // What was sent before may be acknowledged already: only what is sent now is sure to wait.
  void a.send(frozen.address, Uint8Array.of(2)).catch(() => {})
  let rounds = 0
  await until('the notice', async () => {
    await a.send(friend.address, Uint8Array.of(1))
    rounds++
    return a.node
      .getConnections()
      .every(({ remotePeer }) => !frozen.address.endsWith(remotePeer.toString()))
  })
  await until('the friend', () => friend.heard.length === rounds)
  expect(rounds).toBeGreaterThan(20)
})
