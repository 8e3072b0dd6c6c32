import { describe, expect, it } from 'vitest'
import { Admission } from '../src/admission.ts'

interface Entry {
  readonly remoteIp: string
}

const admission = (): Admission<Entry> =>
  new Admission({ connectionsPerHost: 2, connectionsPerLoopbackHost: 5, connectionsPerNetwork: 3 })
const entries = (gate: Admission<Entry>, ...ips: string[]): (string | undefined)[] =>
  ips.map((remoteIp) => gate.enter({ remoteIp })?.refusal)

describe('connections', () => {
  it('of one host are limited; a /64 of IPv6 is one host', () => {
    expect(entries(admission(), '10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2')).toEqual([
      undefined,
      undefined,
      'host-full',
      undefined
    ])
    expect(entries(admission(), '2001:db8::1', '2001:db8::2', '2001:db8::3')).toEqual([
      undefined,
      undefined,
      'host-full'
    ])
  })

  it('of one network are limited: a /24 of IPv4, a /48 of IPv6', () => {
    expect(
      entries(
        admission(),
        '203.0.113.1',
        '203.0.113.2',
        '203.0.113.3',
        '203.0.113.4',
        '203.0.114.4'
      )
    ).toEqual([undefined, undefined, undefined, 'network-full', undefined])
    expect(
      entries(
        admission(),
        '2001:db8:1:1::1',
        '2001:db8:1:2::1',
        '2001:db8:1:3::1',
        '2001:db8:1:4::1',
        '2001:db8:2:1::1'
      )
    ).toEqual([undefined, undefined, undefined, 'network-full', undefined])
  })

  it.each(['10.1.2', '172.16.0', '192.168.7', '169.254.3', '100.64.1', '127.0.0'])(
    'of a private network, %s.*, are not limited per network',
    (network) => {
      expect(entries(admission(), ...[1, 2, 3, 4, 5].map((host) => `${network}.${host}`))).toEqual(
        Array(5).fill(undefined)
      )
    }
  )

  it('that have closed no longer count', () => {
    const gate = admission()
    const [first, second] = [{ remoteIp: '203.0.113.1' }, { remoteIp: '203.0.113.2' }]
    for (const entry of [first, second, { remoteIp: '203.0.113.3' }]) gate.enter(entry)
    gate.leave(second)
    gate.leave(second)
    expect(entries(gate, '203.0.113.4', '203.0.113.5')).toEqual([undefined, 'network-full'])
  })

  it('that were refused do not count', () => {
    const gate = admission()
    entries(gate, '203.0.113.1', '203.0.113.1', '203.0.113.1', '203.0.113.1')
    expect(entries(gate, '203.0.113.2', '203.0.113.3')).toEqual([undefined, 'network-full'])
  })

  it('name the oldest of the host with the most as the one to close', () => {
    const gate = admission()
    const [alone, older, younger] = ['203.0.113.9', '203.0.113.1', '203.0.113.1'].map(
      (remoteIp) => ({ remoteIp })
    )
    for (const entry of [alone!, older!, younger!]) gate.enter(entry)
    expect(gate.enter({ remoteIp: '203.0.113.3' })).toEqual({
      refusal: 'network-full',
      oldest: older
    })
  })
})
