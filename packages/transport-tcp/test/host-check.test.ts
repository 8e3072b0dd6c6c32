import { describe, expect, test } from 'vitest'
import { createHostCheck } from '../src/host-check.ts'
import { codeOf } from './harness.ts'

describe('host check', () => {
  const roomy = createHostCheck(4)
  const belongs = (host: string, remoteIp: string): Promise<boolean> =>
    roomy.belongs(host, remoteIp)

  test('an IP address belongs to itself, whatever its form', async () => {
    expect(await belongs('10.0.0.1', '10.0.0.1')).toBe(true)
    expect(await belongs('10.0.0.1', '10.0.0.2')).toBe(false)
    expect(await belongs('::ffff:10.0.0.1', '10.0.0.1')).toBe(true)
    expect(await belongs('2001:db8::1', '2001:db8::1')).toBe(true)
  })

  test('all of loopback is one host, and no other host is', async () => {
    expect(await belongs('127.0.0.1', '::1')).toBe(true)
    expect(await belongs('127.9.9.9', '127.0.0.1')).toBe(true)
    expect(await belongs('localhost', '::1')).toBe(true)
    expect(await belongs('localhost', '10.0.0.1')).toBe(false)
    expect(await belongs('127.0.0.1', '10.0.0.1')).toBe(false)
  })

  test('a name that cannot be looked up belongs to nobody', async () => {
    expect(await belongs('no-such-host.invalid', '127.0.0.1')).toBe(false)
  })

  test('a bounded number of names is in question at once', async () => {
    const check = createHostCheck(1)
    const first = check.belongs('localhost', '127.0.0.1')
    expect(await codeOf(check.belongs('localhost', '127.0.0.1'))).toBe('OVERLOADED')
    expect(await check.belongs('127.0.0.1', '127.0.0.1')).toBe(true)
    expect(await first).toBe(true)
    expect(await check.belongs('localhost', '127.0.0.1')).toBe(true)
  })
})
