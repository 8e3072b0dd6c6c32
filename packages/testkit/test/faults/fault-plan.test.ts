/** What a plan does to messages, and that a transport with one is still a transport. */

import { createRng, type Address } from '@rumormill/protocol/plugin'
import { tcpTransport } from '@rumormill/transport-tcp'
import { describe, expect, test } from 'vitest'
import {
  faultPlan,
  manualClock,
  memoryNetwork,
  transportConformance,
  type FaultPlan,
  type FaultPlanOptions,
  type ManualClock
} from '../../src/index.ts'

const never = new AbortController().signal

interface Node {
  readonly heard: string[]
  readonly failures: string[]
  /** `taken`, or the code of the rejection. */
  readonly say: (to: Address, text: string, signal?: AbortSignal) => Promise<string>
  readonly stop: () => Promise<void>
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'taken',
    (error: unknown) => (error as { code?: string }).code ?? String(error)
  )
}

async function setUp(
  options: FaultPlanOptions = {}
): Promise<{ clock: ManualClock; faults: FaultPlan; a: Node; b: Node; c: Node }> {
  const clock = manualClock()
  const network = memoryNetwork({ clock })
  const faults = faultPlan({ clock, rng: createRng(7), ...options })
  const node = async (address: Address): Promise<Node> => {
    const transport = faults.wrap(network.transport(address))
    const heard: string[] = []
    const failures: string[] = []
    await transport.start(
      {
        receive: (from, bytes) => void heard.push(`${from}: ${new TextDecoder().decode(bytes)}`),
        fail: (error) => void failures.push((error as Error & { code: string }).code),
        lost: () => {}
      },
      { protocol: '/test' }
    )
    return {
      heard,
      failures,
      stop: () => transport.stop(),
      say: (to, text, signal = never) =>
        codeOf(transport.send(to, new TextEncoder().encode(text), { signal }))
    }
  }
  return { clock, faults, a: await node('a'), b: await node('b'), c: await node('c') }
}

async function sayMany(from: Node, to: Address, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => from.say(to, `message ${index}`)))
}

describe('messages', () => {
  test('pass untouched while nothing is to go wrong', async () => {
    const { clock, faults, a, b } = await setUp()
    expect(await a.say('b', 'hello')).toBe('taken')
    await clock.advance(0)
    expect(b.heard).toEqual(['a: hello'])
    expect(faults.counts).toEqual({
      messages: 1,
      lost: 0,
      duplicated: 0,
      corrupted: 0,
      delayed: 0,
      reordered: 0,
      cut: 0,
      overloaded: 0,
      buggified: {}
    })
  })

  test('are lost, doubled and damaged in the shares that were asked for', async () => {
    const { clock, faults, a, b } = await setUp({
      loss: 0.3,
      duplicate: 0.2,
      corrupt: 0.1
    })
    await sayMany(a, 'b', 1000)
    await clock.advance(0)
    const { lost, duplicated, corrupted } = faults.counts
    for (const [count, share] of [
      [lost, 300],
      [duplicated, 140],
      [corrupted, 70]
    ] as const) {
      expect(Math.abs(count - share)).toBeLessThan(50)
    }
    expect(b.heard).toHaveLength(1000 - lost + duplicated)
    const sound = b.heard.filter((text) => /^a: message \d{1,3}$/.test(text))
    expect(sound.length).toBeLessThan(b.heard.length)
    expect(sound.length).toBeGreaterThanOrEqual(b.heard.length - corrupted)
  })

  test('are late by as much as was asked for, and `send` waits for them', async () => {
    const { clock, faults, a, b } = await setUp({ delayMs: 100 })
    const settledAtMs = a.say('b', 'late').then(() => clock.now())
    await clock.advance(99)
    expect(b.heard).toEqual([])
    await clock.advance(1)
    expect([b.heard, await settledAtMs, faults.counts.delayed]).toEqual([['a: late'], 100, 1])
  })

  test('overtake one another', async () => {
    const { clock, faults, a, b } = await setUp({ reorder: 0.5, reorderMs: 50 })
    void sayMany(a, 'b', 20)
    await clock.advance(50)
    const sent = Array.from({ length: 20 }, (_, index) => `a: message ${index}`)
    expect(b.heard).not.toEqual(sent)
    expect([...b.heard].sort()).toEqual(sent.sort())
    expect(faults.counts.reordered).toBeGreaterThan(3)
  })

  test('that are held back are given up when the signal aborts or the node stops', async () => {
    const { clock, a, b } = await setUp({ delayMs: 100 })
    const aborter = new AbortController()
    const sayings = [a.say('b', 'aborted', aborter.signal), a.say('b', 'stopped')]
    await clock.advance(1)
    aborter.abort(new RangeError('no longer'))
    expect(await sayings[0]).toBe('RangeError: no longer')
    await a.stop()
    expect(await sayings[1]).toBe('NOT_RUNNING')
    await clock.advance(1000)
    expect([b.heard, clock.pendingWakes]).toEqual([[], 0])
  })

  test('that the transport refuses are refused, faults or none', async () => {
    const { a } = await setUp({ loss: 1 })
    expect(await a.say('b', '')).toBe('MALFORMED_MESSAGE')
    expect(await a.say('a', 'to myself')).toBe('INVALID_ADDRESS')
    expect(await a.say('b', 'x'.repeat(1024 * 1024 + 1))).toBe('MESSAGE_TOO_LARGE')
    expect(await a.say('nobody', 'x')).toBe('taken')
  })
})

describe('cuts', () => {
  test('separate groups until they are healed', async () => {
    const { clock, faults, a, b, c } = await setUp()
    faults.partition([['a', 'b'], ['c']])
    expect([await a.say('b', '1'), await a.say('c', '2'), await c.say('b', '3')]).toEqual([
      'taken',
      'UNREACHABLE',
      'UNREACHABLE'
    ])
    faults.heal()
    expect(await a.say('c', '4')).toBe('taken')
    await clock.advance(0)
    expect([b.heard, c.heard, faults.counts.cut]).toEqual([['a: 1'], ['a: 4'], 2])
  })

  test('go one way, and may be silent', async () => {
    const { clock, faults, a, b } = await setUp({ blackHole: true })
    faults.cut(['a'], ['b', 'c'])
    expect([await a.say('b', '1'), await a.say('c', '2'), await b.say('a', '3')]).toEqual([
      'taken',
      'taken',
      'taken'
    ])
    await clock.advance(0)
    expect([a.heard, b.heard]).toEqual([['b: 3'], []])
  })

  test('stop what is on the way', async () => {
    const { clock, faults, a, b } = await setUp({ delayMs: 100 })
    const saying = a.say('b', 'too late')
    await clock.advance(50)
    faults.cut(['a'], ['b'])
    await clock.advance(50)
    expect([await saying, b.heard]).toEqual(['UNREACHABLE', []])
  })

  test('stop what comes from nodes that are not wrapped', async () => {
    const clock = manualClock()
    const network = memoryNetwork({ clock })
    const faults = faultPlan({ clock })
    const heard: string[] = []
    const receiver = {
      receive: (from: Address) => void heard.push(from),
      fail: () => {},
      lost: () => {}
    }
    await faults.wrap(network.transport('a')).start(receiver, { protocol: '/test' })
    const plain = network.transport('b')
    await plain.start(receiver, { protocol: '/test' })
    faults.cut(['b'], ['a'])
    await plain.send('a', Uint8Array.of(1), { signal: never })
    await clock.advance(0)
    expect([heard, faults.counts.cut]).toEqual([[], 1])
  })
})

describe('a plan', () => {
  test('is changed while it runs, and calmed', async () => {
    const { clock, faults, a, b } = await setUp({ loss: 1 })
    await a.say('b', '1')
    faults.set({ loss: 0, duplicate: 1 })
    await a.say('b', '2')
    faults.partition([])
    faults.calm()
    await a.say('b', '3')
    await clock.advance(0)
    expect(b.heard).toEqual(['a: 2', 'a: 2', 'a: 3'])
  })

  test.each([
    [{ loss: 1.1 }, 'loss'],
    [{ delayMs: { least: 2, most: 1 } }, 'delayMs'],
    [{ delayMs: -1 }, 'delayMs'],
    [{ losses: 0 }, 'losses is not a fault (the faults are loss, delayMs,'],
    [{ blackHole: 1 }, 'blackHole'],
    [{ reorderMs: NaN }, 'reorderMs'],
    [
      { delayMs: { least: 1, most: 2, mean: 3 } },
      'delayMs must be milliseconds, { least, most } or'
    ],
    [{ delayMs: { least: 1 } }, 'delayMs'],
    [{ delayMs: null }, 'delayMs']
  ])('refuses %j', (wrong, name) => {
    const faults = faultPlan()
    expect(() => faults.set(wrong as object)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining(name) })
    )
    expect(faults.config).toEqual(faultPlan().config)
    expect(() => faultPlan(wrong as object)).toThrow(name)
  })
})

describe('rare faults', () => {
  const struck = (seed: number, sites: readonly string[]): string[] => {
    const faults = faultPlan({ rng: createRng(seed), buggify: 0.5 })
    return sites.filter((site) =>
      Array.from({ length: 20 }, () => faults.buggify(site)).includes(true)
    )
  }
  const sites = Array.from({ length: 200 }, (_, number) => `site ${number}`)

  test('strike at about a quarter of the sites, decided by the seed and not by the order', () => {
    const first = struck(1, sites)
    expect(first.length).toBeGreaterThan(30)
    expect(first.length).toBeLessThan(70)
    expect(struck(1, [...sites].reverse()).sort()).toEqual([...first].sort())
    expect(struck(2, sites)).not.toEqual(first)
  })

  test('strike never unless they are asked for', () => {
    const faults = faultPlan()
    expect(sites.some((site) => faults.buggify(site))).toBe(false)
  })

  test('all occur on some seed, and are counted', async () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 20; seed++) {
      const { clock, faults, a } = await setUp({ rng: createRng(seed), buggify: 0.3 })
      const sayings = Array.from({ length: 30 }, (_, index) => a.say('b', `message ${index}`))
      await clock.advance(60_000)
      await Promise.all(sayings)
      for (const site of Object.keys(faults.counts.buggified))
        seen.add(site.replace('transport: ', ''))
    }
    expect([...seen].sort()).toEqual([
      'clogs',
      'complains',
      'cuts short',
      'doubts',
      'is full',
      'is very late',
      'refuses',
      'replays',
      'settles late'
    ])
  })
})

describe('passes the suite of transports', () => {
  const inMemory = (options: FaultPlanOptions): ReturnType<typeof transportConformance> => {
    const clock = manualClock()
    const network = memoryNetwork({ clock, maxMessageBytes: 100_000 })
    const faults = faultPlan({ clock, ...options })
    return transportConformance(({ address } = {}) => faults.wrap(network.transport(address)), {
      wait: (ms) => clock.advance(ms),
      unreachable: 'memory:nobody',
      reusesAddresses: true
    })
  }
  test.each(inMemory({}))('without faults: $name', ({ run }) => run())
  test.each(inMemory({ duplicate: 0.3, reorder: 0.3, reorderMs: 40 }))(
    'out of order, and doubled: $name',
    ({ run }) => run()
  )

  const calm = faultPlan()
  const portOf = (address?: Address): number => Number(address?.split(':').at(-1) ?? 0)
  test.each(
    transportConformance(({ address } = {}) => calm.wrap(tcpTransport({ port: portOf(address) })), {
      unreachable: '127.0.0.1:1',
      reusesAddresses: true
    })
  )('over sockets: $name', ({ run }) => run())
})
