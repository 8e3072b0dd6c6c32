/** Builds the codec that docs/writing-a-codec.md shows, and runs the conformance list on it. */

import { createGossip, staticPeers, type Codec } from '@rumormill/protocol'
import { codecConformance } from '@rumormill/testkit'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { withShortFrames } from './short-frames.ts'
import { tutorial } from './tutorial.ts'

const { exports, code, proof } = await tutorial('writing-a-codec.md')
const linesCodec = exports['linesCodec'] as () => Codec

for (const { name, run } of withShortFrames(codecConformance, linesCodec)) it(name, () => run())

it('is shown with the loop that runs here, in a short file', () => {
  expect(proof.trim()).toBe(
    'for (const { name, run } of codecConformance(linesCodec)) it(name, run, 60_000)'
  )
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(180)
})

it('carries a group', async () => {
  const clock = manualClock()
  const network = memoryNetwork({ clock })
  const seen: string[] = []
  const node = (address: string, peers: string[]): ReturnType<typeof createGossip> =>
    createGossip({
      transport: network.transport(address),
      codec: linesCodec(),
      peerSource: staticPeers(peers),
      handler: { onUpdate: ({ content }) => void seen.push(new TextDecoder().decode(content)) },
      clock
    })
  const nodes = [node('a', []), node('b', ['a'])]
  for (const each of nodes) await each.start()
  nodes[0]!.submit(new TextEncoder().encode('hello'))
  await clock.advance(3000)
  for (const each of nodes) await each.stop()
  expect(seen).toEqual(['hello'])
})
