/** The errors of libp2p, translated for readers who do not know its internals. */

import { expect, test } from 'vitest'
import { DEFAULT_DEADLINES } from '../src/config.ts'
import { openingFailed, streamLost } from '../src/failures.ts'
import { startNode } from './nodes.ts'

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

const closeOf = (error: Error): Event => Object.assign(new Event('close'), { error })

const CLOSED = 'UNREACHABLE: cannot reach X: the connection was closed'

const LATE =
  'UNREACHABLE: X did not answer in time: nothing is there, or it has another pre-shared key, or does not speak libp2p'

test.each<[string, unknown, string]>([
  ['a close event', new Event('close'), CLOSED],
  [
    'a close event with its error',
    closeOf(named('StreamResetError', 'the stream was reset')),
    'UNREACHABLE: cannot reach X: the stream was reset'
  ],
  [
    'a closed muxer',
    named('ConnectionClosedError', 'The connection muxer is "closed" and not "open"'),
    CLOSED
  ],
  ['a muxer that closes meanwhile', named('MuxerClosedError', 'Muxer closed remotely'), CLOSED],
  ['no answer', named('TimeoutError', 'The operation was aborted due to timeout'), LATE],
  [
    'half a handshake',
    named('EncryptionFailedError', 'The operation was aborted due to timeout'),
    LATE
  ],
  [
    'the own id',
    named('InvalidPeerIdError', 'cannot dial self'),
    'INVALID_ADDRESS: X is this node, or another that has its key'
  ]
])('opening a stream fails with %s', (_, error, words) => {
  expect(openingFailed(error, 'X', '/rumormill/1/test/none').message).toBe(words)
})

test('an open stream ends with its connection', () => {
  const cause = named('MuxerClosedError', 'Muxer closed locally')
  expect(streamLost('X', cause).message).toContain('ended: the connection was closed')
})

test('the listener waits for a handshake as long as the dialler', async () => {
  const { components } = (await startNode()) as unknown as {
    components: { upgrader: { inboundUpgradeTimeout: number } }
  }
  expect(components.upgrader.inboundUpgradeTimeout).toBe(DEFAULT_DEADLINES.connectMs)
})
