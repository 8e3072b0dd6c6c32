/** Links that are two thirds full carry each content once, and correct peers are not distrusted for being slow. */

import { expect, it } from 'vitest'
import type { Transport } from '../../src/index.ts'
import { Lab } from './lab.ts'

const SECONDS = 5
const PER_SECOND = 60
const CONTENT_BYTES = 20_000

/** Each link carries so many bytes in a millisecond, in order. A send resolves when its message has left. */
function slowLinks(lab: Lab, bytesPerMs: number): (transport: Transport) => Transport {
  return (transport) => {
    const freeAtMs = new Map<string, number>()
    return {
      maxMessageBytes: transport.maxMessageBytes,
      start: (...given) => transport.start(...given),
      watch: (peers) => transport.watch(peers),
      stop: () => transport.stop(),
      send: async (to, bytes, options) => {
        const nowMs = lab.clock.now()
        const sentMs = Math.max(nowMs, freeAtMs.get(to) ?? 0) + bytes.length / bytesPerMs
        freeAtMs.set(to, sentMs)
        await lab.later(sentMs - nowMs)
        await transport.send(to, bytes, options)
      }
    }
  }
}

/** Six nodes, 1 MB/s into each over five links. Returns bytes of contents per byte needed, and how long the rest takes. */
async function load(
  kBps: number
): Promise<{ perByte: number; restMs: number; distrusted: number }> {
  const lab = new Lab()
  lab.wrap = slowLinks(lab, kBps)
  await lab.many(6)
  await lab.pass(8000)
  const updates = SECONDS * PER_SECOND
  for (let n = 0; n < updates; n++) {
    lab.nodes[n % 6]!.gossip.submit(lab.bytes(CONTENT_BYTES))
    await lab.pass(1000 / PER_SECOND)
  }
  const fromMs = lab.clock.now()
  const isDone = (): boolean => lab.nodes.every(({ got }) => got.size >= (updates * 5) / 6)
  while (!isDone() && lab.clock.now() - fromMs < 60_000) await lab.pass(250)
  const contentsIn = lab.nodes.reduce((sum, { traffic }) => sum + traffic.contentsIn, 0)
  return {
    perByte: contentsIn / (updates * 5 * CONTENT_BYTES),
    restMs: isDone() ? lab.clock.now() - fromMs : Infinity,
    distrusted: lab.nodes.reduce((sum, { counts }) => sum + (counts['peer-distrusted'] ?? 0), 0)
  }
}

it('links that are two thirds full carry each content once', async () => {
  const { perByte, restMs, distrusted } = await load(300)
  expect(perByte).toBeLessThanOrEqual(1.05)
  expect(restMs).toBeLessThanOrEqual(2000)
  expect(distrusted).toBe(0)
})

it('links that carry less than is submitted carry each content once, too', async () => {
  const { perByte, restMs, distrusted } = await load(150)
  expect(perByte).toBeLessThanOrEqual(1.1)
  // The links alone take 1.7 s.
  expect(restMs).toBeLessThanOrEqual(10_000)
  expect(distrusted).toBe(0)
})
