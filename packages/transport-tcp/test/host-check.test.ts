import { describe, expect, test } from 'vitest'
import { HostCheck } from '../src/host-check.ts'
import { Names } from '../src/names.ts'
import { codeOf } from './harness.ts'

describe('host check', () => {
  const roomy = new HostCheck(4, new Names())
  const belongs = (host: string, remoteIp: string): Promise<boolean> =>
    roomy.belongs(host, remoteIp)

  test('an IP address belongs to itself in any form', async () => {
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

  test('a name that cannot be resolved belongs to no host', async () => {
    expect(await belongs('no-such-host.invalid', '127.0.0.1')).toBe(false)
  })

  /** Names of which nothing is known until `answer` is called. */
  class SlowNames extends Names {
    readonly #answers: (() => void)[] = []

    override inHosts(name: string): Promise<string[]> {
      return Promise.resolve(name === 'known' ? ['10.0.0.1'] : [])
    }

    override elsewhere(): Promise<string[]> {
      return new Promise((resolve) => this.#answers.push(() => resolve(['10.0.0.1'])))
    }

    answer(): void {
      for (const answer of this.#answers.splice(0)) answer()
    }
  }

  test('the lookups at once are limited in total, and to two of each host; names of the hosts file need none', async () => {
    const names = new SlowNames()
    const check = new HostCheck(3, names)
    const running = ['10.0.0.1', '10.0.0.1', '10.0.0.2'].map((ip) => check.belongs('slow', ip))
    const refused = [check.belongs('slow', '10.0.0.1'), check.belongs('slow', '10.0.0.3')]
    expect(await Promise.all(refused.map(codeOf))).toEqual(['OVERLOADED', 'OVERLOADED'])
    expect(await check.belongs('known', '10.0.0.1')).toBe(true)
    names.answer()
    expect(await Promise.all(running)).toEqual([true, true, false])
    const again = check.belongs('slow', '10.0.0.1')
    await Promise.resolve()
    setImmediate(() => names.answer())
    expect(await again).toBe(true)
  })
})
