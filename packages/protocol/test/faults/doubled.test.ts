/** Checks that a network that duplicates every message causes no violations, with any limit or verdict of the receiver. */

import { describe, expect, it } from 'vitest'
import type { Transport } from '../../src/index.ts'
import { Lab, type LabNode, type LabNodeOptions } from './lab.ts'

function doubling(lab: Lab): (transport: Transport) => Transport {
  return (transport) => {
    const send = transport.send.bind(transport)
    transport.send = async (to, bytes, options) => {
      await send(to, bytes, options)
      void lab.later(5).then(() => send(to, bytes, options).catch(() => {}))
    }
    return transport
  }
}

function punished({ counts, gossip }: LabNode): number[] {
  return [counts['unsolicited-content'] ?? 0, counts['banned'] ?? 0, gossip.stats().bannedPeers]
}

const cases: [string, LabNodeOptions][] = [
  ['a smaller maxContentBytes', { store: { maxContentBytes: 1000 } }],
  ["a validator that says 'later'", { validate: () => 'later' }],
  ['a validator that throws', { validate: () => Promise.reject(new Error('not yet')) }],
  [
    'a full store',
    {
      store: { expiration: { mode: 'none' }, maxBytes: 600_000, maxContentBytes: 250_000 }
    }
  ]
]

describe.each(cases)('with %s', (_name, options) => {
  it.each([2000, 200_000])('contents of %i bytes', async (bytes) => {
    const lab = new Lab()
    lab.wrap = doubling(lab)
    await lab.many(3, (index) => (index === 2 ? options : {}))
    await lab.pass(5000)
    for (let step = 0; step < 20; step++) {
      lab.nodes[0]!.gossip.submit(lab.bytes(bytes))
      await lab.pass(50)
    }
    await lab.pass(20_000)
    expect(lab.nodes.flatMap(punished)).toEqual(Array(9).fill(0))
  })
})
