/** When an update stops being active, and what remains of it then. */

import { describe, expect, it } from 'vitest'
import { digestKey } from '../../../src/model/update.ts'
import { bytes, contents, delivered, digests, node, sends } from './node.ts'

describe('expiry', () => {
  it('crate flaw 22: a duration runs with no peers at all', () => {
    const a = node({ expiration: { mode: 'duration', ms: 500 } })
    a.submit(0, bytes('x'))
    expect([a.status(499, digests('x')), a.status(500, digests('x'))]).toEqual([
      'active',
      'expired'
    ])
  })

  it('crate flaw 23: a push counts when the network has taken it, and only then', () => {
    const a = node({ expiration: { mode: 'pushCount', count: 2 } })
    a.submit(0, bytes('x'))
    for (let nowMs = 1000; nowMs <= 10_000; nowMs += 1000) {
      for (const send of sends(a.tick(nowMs, () => ['b']))) a.sendFailed(nowMs, send.to)
    }
    expect(a.status(10_000, digests('x'))).toBe('active')
    const [first] = sends(a.tick(11_000, () => ['b']))
    a.sent(11_001, first!.message)
    expect(a.status(11_001, digests('x'))).toBe('active')
    const [second] = sends(a.tick(12_000, () => ['b']))
    a.sent(12_001, second!.message)
    expect(a.status(12_001, digests('x'))).toBe('expired')
  })

  it('crate flaw 22: in pull-only mode the answers count as pushes', () => {
    const a = node({ push: false, expiration: { mode: 'pushCount', count: 1 } })
    a.submit(0, bytes('x'))
    const [answer] = sends(a.receive(1, 'b', { kind: 'digest-request', digests: digests() }))
    a.sent(2, answer!.message)
    expect(a.status(2, digests('x'))).toBe('expired')
  })

  it('an update that expired by pushCount is still sent to peers to which it was offered', () => {
    const a = node({ expiration: { mode: 'pushCount', count: 1 } })
    a.submit(0, bytes('x'))
    a.sent(1, sends(a.tick(1000, () => ['b']))[0]!.message)
    expect(a.status(1001, digests('x'))).toBe('expired')
    expect(
      sends(a.receive(1500, 'b', { kind: 'content-request', digests: digests('x') }))[0]!.message
    ).toEqual({ ...contents('x'), ages: [15] })
    // As long as requests wait on the slowest path.
    const late = a.receive(11_900, 'b', { kind: 'content-request', digests: digests('x') })
    expect(sends(late)[0]!.message).toEqual({ ...contents('x'), ages: [119] })
    const tooLate = a.receive(12_100, 'b', { kind: 'content-request', digests: digests('x') })
    expect(sends(tooLate)[0]!.message).toEqual(contents())
  })

  it('an update whose digest is kept as expired is neither requested nor submitted again', () => {
    const a = node({ expiration: { mode: 'duration', ms: 10 } })
    a.submit(0, bytes('x'))
    const effects = sends(a.receive(20, 'b', { kind: 'digest-request', digests: digests('x') }))
    expect(effects.map(({ message }) => message.kind)).toEqual(['digest-response'])
    expect(a.submit(21, bytes('x')).status).toBe('expired')
  })

  it('crate flaw 26: submitting an active update changes nothing, and says so', () => {
    const a = node()
    expect(a.submit(0, bytes('x'))).toEqual({ key: digestKey(digests('x'), 0), status: 'accepted' })
    expect(a.submit(1, bytes('x')).status).toBe('active')
    expect(a.gauges().activeUpdates).toBe(1)
  })

  it('submitting a pending content cancels its request', () => {
    const a = node()
    a.receive(0, 'b', { kind: 'digest-request', digests: digests('x') })
    a.submit(1, bytes('x'))
    expect(a.gauges().pendingRequests).toBe(0)
    expect(delivered(a.receive(2, 'b', contents('x')))).toEqual([])
  })
})
