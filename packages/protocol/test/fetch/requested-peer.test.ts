import { expect, it } from 'vitest'
import { RequestedPeer } from '../../src/fetch/requested-peer.ts'
import { digestKey } from '../../src/model/update.ts'

const key = (n: number) => digestKey(new Uint8Array(32).fill(n), 0)

it('the last four timed-out requests are kept', () => {
  const peer = new RequestedPeer('b', { maxRequestsPerPeer: 32, timeoutMs: 3000 })
  for (let n = 0; n < 5; n++) {
    peer.requested.add(key(n))
    peer.open(1000 * n, 0)
    peer.lapse()
    peer.requested.clear()
  }
  const answers = [0, 1, 4].map((n) => {
    peer.brings(key(n))
    return peer.answered(9000, 100)
  })
  expect(answers).toEqual([undefined, 'lapsed', 'lapsed'])
})
