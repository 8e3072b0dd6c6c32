import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalHost,
  canonicalIp,
  formatAddress,
  hostPrefix,
  isLoopback,
  parseAddress
} from '../src/address.ts'

const port = fc.integer({ min: 1, max: 65_535 })
const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain())

describe('addresses', () => {
  test.each([
    ['127.0.0.1:9000', '127.0.0.1', 9000],
    ['[::1]:1', '::1', 1],
    ['[2001:DB8:0:0:0:0:0:1]:65535', '2001:db8::1', 65_535],
    ['Node-A.Example:80', 'node-a.example', 80],
    ['my_service:7000', 'my_service', 7000],
    ['localhost.:7', 'localhost.', 7]
  ])('reads %s', (text, expectedHost, expectedPort) => {
    expect(parseAddress(text)).toEqual({ host: expectedHost, port: expectedPort })
  })

  test.each([
    '',
    ':',
    '127:1',
    '0x7f:1',
    '127.:1',
    'a',
    'a:',
    ':1',
    'a:0',
    'a:65536',
    'a:01',
    'a:-1',
    'a:1 ',
    ' a:1',
    'a b:1',
    'a:1:2',
    '::1:80',
    '[::1]',
    '[::1]:',
    '[127.0.0.1]:1',
    '[fe80::1%eth0]:1',
    '0.0.0.0:1',
    '[::]:1',
    '127.1:1',
    '1.2.3:1',
    '256.1.1.1:1',
    '0x7f.1:1',
    'a.0x7f:1',
    '-a:1',
    'a-:1',
    'a..b:1',
    '.a:1',
    'http://a:1',
    'a@b:1',
    'a:1/x',
    `${'a'.repeat(64)}:1`,
    `${'a.'.repeat(150)}a:1`,
    'é:1',
    'a:1\n',
    'a:١'
  ])('refuses %j', (text) => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }))
  })

  test('every string is either refused or has one canonical form', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(host, port).map(([h, p]) => `${h}:${p}`)
        ),
        (text) => {
          let endpoint
          try {
            endpoint = parseAddress(text)
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_ADDRESS' })
            return
          }
          const canonical = formatAddress(endpoint)
          expect(parseAddress(canonical)).toEqual(endpoint)
          expect(formatAddress(parseAddress(canonical))).toBe(canonical)
        }
      )
    )
  })

  test('any host with a port is an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), port, (ip, p) => {
        fc.pre(!['0.0.0.0', '::'].includes(canonicalHost(ip)!))
        const endpoint = parseAddress(isIPv6(ip) ? `[${ip}]:${p}` : `${ip}:${p}`)
        expect(endpoint).toEqual({ host: canonicalHost(ip), port: p })
      })
    )
  })
})

describe('IP addresses of sockets', () => {
  test('IPv4 inside IPv6 is IPv4, and zones do not count', () => {
    expect(canonicalIp('::ffff:10.0.0.1')).toBe('10.0.0.1')
    expect(canonicalIp('::FFFF:a00:1')).toBe('10.0.0.1')
    expect(canonicalIp('fe80::1%eth0')).toBe('fe80::1')
    expect(canonicalIp('10.0.0.1')).toBe('10.0.0.1')
  })

  test('loopback is 127.0.0.0/8 and ::1', () => {
    expect(['127.0.0.1', '127.255.0.9', '::1'].map(isLoopback)).toEqual([true, true, true])
    expect(['128.0.0.1', '::2', '10.127.0.1'].map(isLoopback)).toEqual([false, false, false])
  })

  test('a /64 of IPv6 counts as one host', () => {
    expect(hostPrefix('10.0.0.1')).toBe('10.0.0.1')
    expect(hostPrefix('2001:db8::1')).toBe('2001:db8:0:0')
    expect(hostPrefix('2001:db8::1:2:3:4:5')).toBe('2001:db8:0:1')
    expect(hostPrefix('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
    expect(hostPrefix('fe80::')).toBe('fe80:0:0:0')
    // These say nothing of a network.
    expect(hostPrefix('::5')).toBe('::5')
    expect(hostPrefix('::ffff:10.0.0.1')).toBe('10.0.0.1')
  })
})
