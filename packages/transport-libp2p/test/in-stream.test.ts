/** A single stream between two nodes, with a budget that throws as a failed allocation does. */

import type { GossipError } from '@rumormill/protocol/plugin'
import {
  AbortWatch,
  BackOff,
  ByteBudget,
  DialGuard,
  NarrowPaths,
  packFrames
} from '@rumormill/stream-transport'
import { expect, test } from 'vitest'
import { checkOptions } from '../src/config.ts'
import { Departures } from '../src/departures.ts'
import { InStream } from '../src/in-stream.ts'
import type { StreamHost } from '../src/stream-host.ts'
import { PROTOCOL, startNode, until } from './nodes.ts'

/** Refuses once, as an allocation would. */
class UnluckyBudget extends ByteBudget {
  failures = 1

  override hold(...held: Parameters<ByteBudget['hold']>): void {
    if (this.failures-- > 0) throw new RangeError('Array buffer allocation failed')
    super.hold(...held)
  }
}

test('an error of reading, such as no memory for a frame, ends only its stream', async () => {
  const [node, peer] = [await startNode(), await startNode()]
  const [failures, heard, ended]: [GossipError[], Uint8Array[], Set<InStream>] = [[], [], new Set()]
  const config = checkOptions({ node })
  const host: StreamHost = {
    config,
    protocol: PROTOCOL,
    self: { address: '', incarnation: 0 },
    aborts: new AbortWatch(),
    partial: new UnluckyBudget(2 ** 20),
    queued: new ByteBudget(2 ** 20),
    backOff: new BackOff({ ...config.deadlines, ...config.limits, rng: config.rng }),
    dials: new DialGuard(1),
    narrow: new NarrowPaths(1, () => {}),
    departures: new Departures(() => {}),
    proved: () => {},
    prove: () => {},
    counters: { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0, refused: 0 },
    nowMs: () => performance.now(),
    greeted: () => {},
    twin: () => undefined,
    spoke: () => {},
    leave: () => {},
    contested: () => {},
    received: () => {},
    arriving: () => {},
    dismissed: () => {},
    deliver: (_, frame) => {
      heard.push(frame)
    },
    trouble: (error) => {
      failures.push(error)
    }
  }
  await node.handle(
    PROTOCOL,
    (stream, connection) =>
      void new InStream(stream, connection, host, (closed) => void ended.add(closed))
  )
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const [unlucky, other] = [
    await peer.dialProtocol(node.getMultiaddrs(), PROTOCOL),
    await peer.dialProtocol(node.getMultiaddrs(), PROTOCOL)
  ]
  unlucky.send(Uint8Array.of(0, 0, 0, 9, 1))
  await until('the end of the stream', () => unlucky.status !== 'open')
  expect(failures).toMatchObject([
    { code: 'TRANSPORT_FAILED', message: expect.stringContaining('reading from') as string }
  ])
  expect([ended.size, host.counters.refused]).toEqual([1, 1])
  packFrames([bytes(peer.getMultiaddrs()[0]!.toString()), bytes('still there?')]).forEach((piece) =>
    other.send(piece)
  )
  await until('what the other says', () => heard.length === 1)
})
