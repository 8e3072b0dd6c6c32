import { expect, it } from 'vitest'
import { isSameHost, networkOf, parseAddress } from '../src/address.ts'

it('an address is an IP address and a port', () => {
  expect(parseAddress('127.0.0.1:80')).toEqual({ host: '127.0.0.1', port: 80 })
  expect(parseAddress('[::1]:65535')).toEqual({ host: '::1', port: 65_535 })
  for (const none of [
    'localhost:80',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '::1:80',
    '[127.0.0.1]:80',
    '127.1:80'
  ]) {
    expect(parseAddress(none)).toBeUndefined()
  }
})

it('different notations of a host are equal, with and without a zone', () => {
  expect(isSameHost('::ffff:10.0.0.1', '10.0.0.1')).toBe(true)
  expect(isSameHost('2001:DB8::1', '2001:db8:0:0::1')).toBe(true)
  expect(isSameHost('fe80::1%eth0', 'fe80::1')).toBe(true)
  expect(isSameHost('10.0.0.1', '10.0.0.2')).toBe(false)
})

it('one host is an address of IPv4, 64 bits of IPv6', () => {
  expect(networkOf('::ffff:10.0.0.1')).toBe('10.0.0.1')
  expect(networkOf('2001:db8::1')).toBe(networkOf('2001:db8:0:0:ffff::2'))
  expect(networkOf('2001:db8::1')).not.toBe(networkOf('2001:db8:0:1::1'))
  expect(networkOf('::1')).toBe('0:0:0:0')
  expect(networkOf('1:2:3:4:5:6:7:8')).toBe('1:2:3:4')
})
