/** The scenarios that the crate `gossip` is tested with, at its own paces (`preset: 'reference'`), in virtual time. */

import { binaryCodec } from '@rumormill/codec-binary'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import {
  createGossip,
  digestOf,
  staticPeers,
  type Expiration,
  type GossipService,
  type UpdateStatus
} from '../../src/index.ts'
import { createRng } from '../../src/plugin.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Scene {
  readonly clock: ReturnType<typeof manualClock>
  readonly nodes: readonly GossipService[]
  /** What the handler of each was given. */
  readonly received: readonly string[][]
  /** The status of an update on each node. */
  status(text: string): UpdateStatus[]
}

/** So many nodes that have met: all know the first. */
async function scene(size: number, expiration: Expiration, seed = 1): Promise<Scene> {
  const clock = manualClock()
  const rng = createRng(seed)
  const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
  const received = Array.from({ length: size }, (): string[] => [])
  const nodes = received.map((own, n) =>
    createGossip({
      transport: network.transport(`n${n}`),
      codec: binaryCodec(),
      peerSource: staticPeers(n === 0 ? [] : ['n0']),
      clock,
      rng: rng.fork(),
      preset: 'reference',
      store: { expiration },
      handler: { onUpdate: ({ content }) => void own.push(new TextDecoder().decode(content)) }
    })
  )
  for (const node of nodes) await node.start()
  await clock.advance(120_000)
  return {
    clock,
    nodes,
    received,
    status: (text) => nodes.map((node) => node.status(digestOf(bytes(text))))
  }
}

describe("the crate's scenarios", () => {
  it('an update is submitted, is active on both nodes, expires on both, and is not accepted again', async () => {
    const {
      clock,
      nodes: [a, b],
      received,
      status
    } = await scene(2, { mode: 'duration', ms: 30_000 })
    expect(a!.submit(bytes('x')).status).toBe('accepted')
    expect(status('x')).toEqual(['active', 'unknown'])
    await clock.advance(10_000)
    expect(status('x')).toEqual(['active', 'active'])
    await clock.advance(30_000)
    expect(status('x')).toEqual(['expired', 'expired'])
    expect([a!.submit(bytes('x')).status, b!.submit(bytes('x')).status]).toEqual([
      'expired',
      'expired'
    ])
    await clock.advance(120_000)
    expect(received).toEqual([[], ['x']])
  })

  it('expiration none: still active a quarter of an hour later', async () => {
    const {
      clock,
      nodes: [a],
      received,
      status
    } = await scene(2, { mode: 'none' })
    a!.submit(bytes('x'))
    await clock.advance(15 * 60_000)
    expect(status('x')).toEqual(['active', 'active'])
    expect(received).toEqual([[], ['x']])
  })

  it('expiration by time: on each node so long after it got the update', async () => {
    const {
      clock,
      nodes: [a, b],
      received,
      status
    } = await scene(2, { mode: 'duration', ms: 10_000 })
    a!.submit(bytes('x'))
    let delayMs = 0
    while (received[1]!.length === 0 && delayMs < 5000) await clock.advance(1).then(() => delayMs++)
    expect(delayMs).toBeLessThan(5000)
    await clock.advance(10_000 - delayMs - 1)
    expect(status('x')).toEqual(['active', 'active'])
    await clock.advance(1)
    expect(status('x')).toEqual(['expired', 'active'])
    await clock.advance(delayMs)
    expect(b!.status(digestOf(bytes('x')))).toBe('expired')
  })

  it('expiration by pushes: after so many rounds, with one push a second', async () => {
    const {
      clock,
      nodes: [a],
      received,
      status
    } = await scene(2, { mode: 'pushCount', count: 5 })
    a!.submit(bytes('x'))
    await clock.advance(3000)
    expect(status('x')).toEqual(['active', 'active'])
    await clock.advance(7000)
    expect(status('x')).toEqual(['expired', 'expired'])
    await clock.advance(60_000)
    expect(received).toEqual([[], ['x']])
  })

  it('expiration by number: the oldest expire, on both nodes', async () => {
    const {
      clock,
      nodes: [a],
      received,
      status
    } = await scene(2, { mode: 'mostRecent', count: 4, margin: 0.5 })
    const texts = Array.from({ length: 7 }, (_, n) => `update ${n}`)
    for (const text of texts) {
      // One by one, so that both have them in the same order.
      a!.submit(bytes(text))
      await clock.advance(5000)
    }
    expect(texts.map((text) => status(text).join())).toEqual(
      texts.map((_, n) => (n < 3 ? 'expired,expired' : 'active,active'))
    )
    await clock.advance(60_000)
    expect(received).toEqual([[], texts])
  })

  it.each([1, 2, 3])('ten nodes all receive all, seed %i', async (seed) => {
    const { clock, nodes, received } = await scene(10, { mode: 'none' }, seed)
    nodes.forEach((node, n) => node.submit(bytes(`from ${n}`)))
    await clock.advance(30_000)
    received.forEach((own, n) => {
      expect(own.toSorted()).toEqual(
        nodes.map((_, each) => `from ${each}`).filter((_, each) => each !== n)
      )
    })
  })
})
