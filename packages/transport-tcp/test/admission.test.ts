import { describe, expect, it } from 'vitest'
import { Admission } from '../src/admission.ts'

const admission = (): Admission =>
  new Admission({ connectionsPerHost: 2, connectionsPerLoopbackHost: 5, connectionsPerNetwork: 3 })
const entries = (gate: Admission, ...ips: string[]): (string | undefined)[] =>
  ips.map((ip) => gate.enter(ip))

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
    entries(gate, '203.0.113.1', '203.0.113.2', '203.0.113.3')
    gate.leave('203.0.113.2')
    expect(entries(gate, '203.0.113.4', '203.0.113.5')).toEqual([undefined, 'network-full'])
  })

  it('that were refused do not count', () => {
    const gate = admission()
    entries(gate, '203.0.113.1', '203.0.113.1', '203.0.113.1', '203.0.113.1')
    expect(gate.enter('203.0.113.2')).toBeUndefined()
    expect(gate.enter('203.0.113.3')).toBe('network-full')
  })
})
