/** Checks links that stall for a while, or have a high delay: contents are then sent once again at most, without violations. */

import { describe, expect, it } from 'vitest'
import { Lab, type LabNodeOptions } from './lab.ts'

/** A lab whose messages take `delayMs`, and wait for the end of a hiccup. */
function hiccuping(delayMs: number): { lab: Lab; hiccup: (ms: number) => void } {
  const lab = new Lab()
  let freeAtMs = 0
  lab.wrap = (transport) => {
    const send = transport.send.bind(transport)
    transport.send = async (to, bytes, options) => {
      const waitMs = Math.max(delayMs, freeAtMs - lab.clock.now() + delayMs)
      void lab.later(waitMs).then(() => send(to, bytes, options).catch(() => {}))
    }
    return transport
  }
  return { lab, hiccup: (ms) => (freeAtMs = lab.clock.now() + ms) }
}

/** How often each content came to the second node, in a flow of so many milliseconds. */
async function factor(lab: Lab, ms: number, everyMs: number): Promise<number> {
  const { traffic } = lab.nodes[1]!
  const before = traffic.contentsIn
  for (let passedMs = 0; passedMs < ms; passedMs += everyMs) {
    lab.nodes[0]!.gossip.submit(lab.bytes(8000))
    await lab.pass(everyMs)
  }
  return (traffic.contentsIn - before) / ((ms / everyMs) * 8000)
}

it.each([
  [100, 50, 1500],
  [300, 100, 1000],
  [300, 100, 3000],
  [400, 100, 2000]
])(
  '%i ms each way, an update in %i ms, a hiccup of %i ms',
  async (delayMs, everyMs, hiccupMs) => {
    const { lab, hiccup } = hiccuping(delayMs)
    await lab.many(2)
    await lab.pass(20_000)
    await factor(lab, 20_000, everyMs)
    hiccup(hiccupMs)
    expect(await factor(lab, 20_000, everyMs)).toBeLessThan(1.2)
    expect(await factor(lab, 60_000, everyMs)).toBeLessThan(1.1)
  },
  30_000
)

// The last three make a round trip that is slower than `requestTimeoutMs`.
it.each([500, 1600, 2500, 4000])('%i ms each way, all the time', async (delayMs) => {
  const { lab } = hiccuping(delayMs)
  await lab.many(2)
  await lab.pass(30_000)
  await factor(lab, 120_000, 500)
  expect(await factor(lab, 120_000, 500)).toBeLessThan(1.1)
})

const cases: [string, LabNodeOptions][] = [
  ['a smaller maxContentBytes', { store: { maxContentBytes: 1000 } }],
  ["a validator that says 'later'", { validate: () => 'later' }]
]

describe.each(cases)('with %s', (_name, options) => {
  it.each([20, 100, 400])('hiccups cause no violations, %i ms each way', async (delayMs) => {
    const { lab, hiccup } = hiccuping(delayMs)
    await lab.many(3, (index) => (index === 2 ? options : {}))
    await lab.pass(20_000)
    for (let step = 0; step < 600; step++) {
      if (step % 100 === 50) hiccup(step % 200 === 50 ? 2000 : 5000)
      lab.nodes[step % 2]!.gossip.submit(lab.bytes(step % 5 === 0 ? 8000 : 500))
      await lab.pass(100)
    }
    const { counts } = lab.nodes[2]!
    expect([counts['unsolicited-content'] ?? 0, counts['banned'] ?? 0]).toEqual([0, 0])
  })
})
