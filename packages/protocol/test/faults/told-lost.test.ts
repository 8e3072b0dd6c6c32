/**
 * Checks that `lost` is final: it is reported once, and never for updates that arrive later or that peers still offer. Also
 * checks extreme paths and limits, which must not count against any peer.
 */

import { describe, expect, it } from 'vitest'
import { Lab, type LabNode, type LabNodeOptions } from './lab.ts'

const MINUTE_MS = 60_000

/** Submits `count` updates of 100 bytes, on all nodes but the first in turn, one in `everyMs`. */
async function submit(
  lab: Lab,
  count: number,
  everyMs: number,
  bytes: number = 100
): Promise<void> {
  const others = lab.nodes.slice(1)
  for (let n = 0; n < count; n++) {
    others[n % others.length]!.gossip.submit(lab.bytes(bytes))
    await lab.pass(everyMs)
  }
}

function addressOf({ gossip }: LabNode): string {
  return gossip.address
}

describe('nothing is reported as lost', () => {
  it('that a full store keeps out while peers hold it, in twenty minutes', async () => {
    const lab = new Lab()
    const all: LabNodeOptions = { store: { expiration: { mode: 'none' } } }
    const small = { store: { ...all.store, maxUpdates: 50 } }
    await lab.many(4, (index) => (index === 0 ? small : all))
    await submit(lab, 200, 50)
    await lab.pass(20 * MINUTE_MS)
    const [full] = lab.nodes
    expect([full!.got.size, full!.counts['lost']]).toEqual([50, undefined])
  })

  it.each([1, 2])('that a partition of three minutes keeps away, %i times', async (times) => {
    const lab = new Lab()
    const busy = {
      onUpdate: () => lab.later(100_000),
      delivery: { timeoutMs: 200_000, maxWaiting: 1 }
    }
    await lab.many(3, (index) => (index === 0 ? busy : {}))
    await lab.pass(5000)
    await submit(lab, 10, 10)
    await lab.pass(10_000)
    for (let time = 0; time < times; time++) {
      const [cutOff, ...others] = lab.nodes.map(addressOf)
      lab.network.partition([[cutOff!], others])
      await lab.pass(3 * MINUTE_MS)
      lab.network.heal()
      await lab.pass(20_000)
    }
    await lab.pass(20 * MINUTE_MS)
    const [slow] = lab.nodes
    expect([slow!.got.size, slow!.counts['lost']]).toEqual([10, undefined])
  })

  it('because the request timeout is short', async () => {
    const lab = new Lab()
    const fetch = { requestTimeoutMs: 50 }
    const busy = {
      onUpdate: () => lab.later(100_000),
      delivery: { timeoutMs: 200_000, maxWaiting: 1 }
    }
    await lab.many(3, (index) => ({ fetch, ...(index === 0 ? busy : {}) }))
    await lab.pass(5000)
    await submit(lab, 10, 10)
    await lab.pass(20 * MINUTE_MS)
    const [slow] = lab.nodes
    expect([slow!.got.size, slow!.counts['lost']]).toEqual([10, undefined])
  })
})

describe('no correct peer is blamed', () => {
  it.each([
    [3000, 7500, 1000, 1000],
    [1500, 4000, 1000, 3000]
  ])(
    'on a path of %i to %i ms, with a timeout of %i ms and a handler of %i ms with a full queue',
    async (leastMs, mostMs, requestTimeoutMs, handlerMs) => {
      const lab = new Lab(1, { delayMs: { least: leastMs, most: mostMs } })
      const busy = { onUpdate: () => lab.later(handlerMs), delivery: { maxWaitingBytes: 1 } }
      await lab.many(4, (index) => ({
        fetch: { requestTimeoutMs },
        ...(index === 0 ? busy : {})
      }))
      await lab.pass(MINUTE_MS)
      await submit(lab, 200, 300, 6000)
      await lab.pass(10 * MINUTE_MS)
      expect(lab.nodes.map(({ counts }) => counts['violation'])).toEqual([
        undefined,
        undefined,
        undefined,
        undefined
      ])
    }
  )

  it('with one request at a time, or a timeout far below the round trip', async () => {
    for (const fetch of [{ maxRequests: 1 }, { requestTimeoutMs: 150 }]) {
      const lab = new Lab(1, { delayMs: { least: 1500, most: 4000 } })
      await lab.many(3, { fetch })
      await lab.pass(MINUTE_MS)
      await submit(lab, 100, 300)
      await lab.pass(5 * MINUTE_MS)
      expect(lab.nodes.map(({ counts }) => counts['violation'])).toEqual([
        undefined,
        undefined,
        undefined
      ])
    }
  })

  it('when updates end on the way', async () => {
    const lab = new Lab(1, { delayMs: { least: 1500, most: 4000 } })
    await lab.many(4, { store: { expiration: { mode: 'duration', ms: 10_000 } } })
    await lab.pass(MINUTE_MS)
    await submit(lab, 300, 200)
    await lab.pass(2 * MINUTE_MS)
    expect(lab.nodes.map(({ counts }) => counts['peer-distrusted'])).toEqual(
      Array(4).fill(undefined)
    )
  })
})

it('pushCount reaches all nodes on paths slower than the request timeout', async () => {
  const lab = new Lab(1, { delayMs: { least: 1500, most: 2500 } })
  await lab.many(4, {
    store: { expiration: { mode: 'pushCount', count: 10 } },
    broadcast: { mode: 'lazy' }
  })
  await lab.pass(MINUTE_MS)
  await submit(lab, 40, 500)
  await lab.pass(5 * MINUTE_MS)
  expect(lab.nodes.map(({ got }) => got.size)).toEqual([40, 26, 27, 27])
})

it.each<[string, LabNodeOptions['store'], number]>([
  ['mostRecent', { expiration: { mode: 'mostRecent', count: 100, margin: 0, minAgeMs: 0 } }, 500],
  ['duration', { expiration: { mode: 'duration', ms: 5000 } }, 100]
])(
  'updates that expire before a peer is known are reported, with %s',
  async (_mode, store, count) => {
    const lab = new Lab()
    const node = await lab.add({ seeds: ['nobody'], store: store! })
    for (let n = 0; n < count; n++) node.gossip.submit(lab.bytes(100))
    await lab.pass(20_000)
    await lab.stop(node)
    expect(node.counts['unacknowledged']).toBe(count)
  }
)
