import { createRng, type Address, type Transport } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import {
  manualClock,
  memoryNetwork,
  type MemoryNetwork,
  type MemoryNetworkOptions
} from '../../src/index.ts'

const never = new AbortController().signal

interface Node {
  readonly transport: Transport
  readonly address: Address
  readonly heard: { from: Address; text: string; atMs: number }[]
  readonly failures: string[]
  readonly say: (to: Address, text: string) => Promise<string>
}

function setUp(options: MemoryNetworkOptions = {}): {
  clock: ReturnType<typeof manualClock>
  network: MemoryNetwork
  node: (address?: Address, protocol?: string) => Promise<Node>
} {
  const clock = manualClock()
  const network = memoryNetwork({ clock, rng: createRng(7), ...options })
  const node = async (address?: Address, protocol = '/test'): Promise<Node> => {
    const transport = network.transport(address)
    const heard: Node['heard'] = []
    const failures: string[] = []
    const started = await transport.start(
      {
        receive: (from, bytes) =>
          void heard.push({ from, text: new TextDecoder().decode(bytes), atMs: clock.now() }),
        fail: (error) => void failures.push((error as Error & { code: string }).code),
        lost: () => {}
      },
      { protocol }
    )
    return {
      transport,
      address: started,
      heard,
      failures,
      say: (to, text) =>
        codeOf(transport.send(to, new TextEncoder().encode(text), { signal: never }))
    }
  }
  return { clock, network, node }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'taken'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

const textsOf = ({ heard }: Node): string[] => heard.map(({ text }) => text)

describe('addresses', () => {
  test('are numbered unless given, never given out twice', async () => {
    const { network, node } = setUp()
    expect((await node('memory:2')).address).toBe('memory:2')
    expect([(await node()).address, (await node()).address]).toEqual(['memory:3', 'memory:4'])
    expect(() => network.transport('\ud800')).toThrow(
      expect.objectContaining({ code: 'INVALID_ADDRESS' })
    )
  })

  test('are taken while in use, and free after stop and kill', async () => {
    const { network, node } = setUp()
    const first = await node('a')
    expect(await codeOf(node('a'))).toBe('ADDRESS_UNAVAILABLE')
    await first.transport.stop()
    await node('a')
    await first.transport.stop()
    expect(await codeOf(node('a'))).toBe('ADDRESS_UNAVAILABLE')
    network.kill('a')
    await node('a')
  })
})

describe('time', () => {
  test('a message takes as long as it is told', async () => {
    const { clock, network, node } = setUp({ delayMs: 20 })
    const [a, b] = [await node(), await node()]
    await a.say(b.address, 'x')
    await clock.advance(19)
    expect(b.heard).toEqual([])
    network.delayMs = { least: 100, most: 200 }
    await a.say(b.address, 'y')
    await clock.advance(1)
    expect(b.heard).toEqual([{ from: a.address, text: 'x', atMs: 20 }])
    await clock.advance(200)
    expect(b.heard[1]!.atMs).toBeGreaterThanOrEqual(119)
  })

  test('a range of delays lets messages overtake one another', async () => {
    const { clock, node } = setUp({ delayMs: { least: 0, most: 100 } })
    const [a, b] = [await node(), await node()]
    for (let index = 0; index < 50; index++) await a.say(b.address, String(index).padStart(2, '0'))
    await clock.advance(100)
    expect(textsOf(b)).not.toEqual(textsOf(b).toSorted())
    expect(new Set(textsOf(b)).size).toBe(50)
  })

  test('without a clock it runs in real time', async () => {
    const network = memoryNetwork()
    const [a, b] = [network.transport(), network.transport()]
    const heard = new Promise<Address>((resolve) => {
      void b.start({ receive: resolve, fail: () => {}, lost: () => {} }, { protocol: '/test' })
    })
    await a.start({ receive: () => {}, fail: () => {}, lost: () => {} }, { protocol: '/test' })
    await a.send('memory:2', Uint8Array.of(1), { signal: never })
    expect(await heard).toBe('memory:1')
  })
})

describe('faults', () => {
  test('losses are silent and counted, and can change', async () => {
    const { clock, network, node } = setUp({ loss: 0.3 })
    const [a, b] = [await node(), await node()]
    for (let index = 0; index < 1000; index++) expect(await a.say(b.address, 'abc')).toBe('taken')
    await clock.advance(0)
    expect(network.counts).toEqual({ messages: 1000, bytes: 3000, lost: 1000 - b.heard.length })
    expect(network.counts.lost).toBeGreaterThan(250)
    expect(network.counts.lost).toBeLessThan(350)
    network.loss = 0
    await a.say(b.address, 'safe')
    await clock.advance(0)
    expect(textsOf(b)).toContain('safe')
  })

  test('duplicates arrive as bytes of their own', async () => {
    const { clock, network, node } = setUp({ duplicate: 1 })
    const a = await node()
    const received: Uint8Array[] = []
    const b = network.transport()
    const receiver = {
      receive: (_from: Address, bytes: Uint8Array) => void received.push(bytes),
      fail: () => {},
      lost: () => {}
    }
    const to = await b.start(receiver, { protocol: '/test' })
    await a.say(to, 'x')
    await clock.advance(0)
    expect(received).toHaveLength(2)
    received[0]![0] = 0
    expect(received[1]).toEqual(new TextEncoder().encode('x'))
  })

  test('the same seed gives the same run', async () => {
    const run = async (seed: number): Promise<unknown> => {
      const { clock, node } = setUp({
        rng: createRng(seed),
        loss: 0.2,
        duplicate: 0.2,
        delayMs: { least: 1, most: 50 }
      })
      const [a, b] = [await node(), await node()]
      for (let index = 0; index < 100; index++) await a.say(b.address, String(index))
      await clock.advance(50)
      return b.heard
    }
    expect(await run(3)).toEqual(await run(3))
    expect(await run(3)).not.toEqual(await run(4))
  })

  test('a cut is one-way, noticed, and stops what is on the way', async () => {
    const { clock, network, node } = setUp({ delayMs: 10 })
    const [a, b] = [await node('a'), await node('b')]
    await a.say('b', 'on the way')
    network.cut(['a'], ['b'])
    expect(await a.say('b', 'x')).toBe('UNREACHABLE')
    expect(await b.say('a', 'y')).toBe('taken')
    await clock.advance(10)
    expect([textsOf(a), textsOf(b)]).toEqual([['y'], []])
    network.heal()
    expect(await a.say('b', 'z')).toBe('taken')
    await clock.advance(10)
    expect(textsOf(b)).toEqual(['z'])
  })

  test('a partition parts groups, and those in none', async () => {
    const { clock, network, node } = setUp()
    const [a, b, c, d] = [await node('a'), await node('b'), await node('c'), await node('d')]
    network.partition([['a', 'b'], ['c']])
    expect(
      await Promise.all([a.say('b', 'x'), a.say('c', 'x'), c.say('d', 'x'), d.say('a', 'x')])
    ).toEqual(['taken', 'UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE'])
    network.heal()
    network.partition([['a', 'c']])
    expect(await Promise.all([a.say('b', 'x'), a.say('c', 'x')])).toEqual(['UNREACHABLE', 'taken'])
    await clock.advance(0)
    expect([b.heard.length, c.heard.length]).toEqual([0, 1])
  })

  test('a black hole swallows what a cut stops, also for nodes that are gone', async () => {
    const { clock, network, node } = setUp()
    const [a, b] = [await node('a'), await node('b')]
    network.blackHole = true
    network.partition([['a'], ['b']])
    expect(await a.say('b', 'x')).toBe('taken')
    network.kill('b')
    expect(await a.say('b', 'x')).toBe('taken')
    await clock.advance(0)
    expect([b.heard, network.counts.lost]).toEqual([[], 2])
    network.heal()
    expect(await a.say('b', 'x')).toBe('UNREACHABLE')
  })

  test('a killed node neither sends nor receives', async () => {
    const { clock, network, node } = setUp({ delayMs: 5 })
    const [a, b] = [await node('a'), await node('b')]
    await a.say('b', 'x')
    network.kill('b')
    expect([await a.say('b', 'y'), await b.say('a', 'z')]).toEqual(['UNREACHABLE', 'NOT_RUNNING'])
    const again = await node('b')
    await clock.advance(5)
    expect([b.heard, again.heard]).toEqual([[], []])
    network.kill('nobody')
  })

  test('messages on the way are bounded for each pair', async () => {
    const { clock, node } = setUp({ delayMs: 5, maxInFlight: 3 })
    const [a, b, c] = [await node(), await node(), await node()]
    for (let index = 0; index < 3; index++) await a.say(b.address, 'x')
    expect([await a.say(b.address, 'x'), await a.say(c.address, 'x')]).toEqual([
      'OVERLOADED',
      'taken'
    ])
    await clock.advance(5)
    const again = await Promise.all(Array.from({ length: 4 }, () => a.say(b.address, 'x')))
    expect(again).toEqual(['taken', 'taken', 'taken', 'OVERLOADED'])
  })

  test('each end has its own limit of bytes', async () => {
    const { clock, network, node } = setUp({ maxMessageBytes: 4 })
    const small = await node()
    const large = network.transport('large', { maxMessageBytes: 100 })
    await large.start({ receive: () => {}, fail: () => {}, lost: () => {} }, { protocol: '/test' })
    expect(await small.say('large', '12345')).toBe('MESSAGE_TOO_LARGE')
    await large.send(small.address, new Uint8Array(5), { signal: never })
    await clock.advance(0)
    expect([small.heard, small.failures]).toEqual([[], ['MESSAGE_TOO_LARGE']])
  })

  test('nothing, and oneself, cannot be sent to', async () => {
    const { node } = setUp()
    const [a, b] = [await node(), await node()]
    expect([
      await a.say(b.address, ''),
      await a.say(a.address, 'x'),
      await a.say('\ud800', 'x')
    ]).toEqual(['MALFORMED_MESSAGE', 'INVALID_ADDRESS', 'INVALID_ADDRESS'])
  })

  test('another label is told to both, and a receiver that throws to nobody else', async () => {
    const { clock, network, node } = setUp()
    const [a, b] = [await node(), await node(undefined, '/other')]
    const rude = network.transport('rude')
    await rude.start(
      {
        receive: () => {
          throw new Error('no')
        },
        fail: () => {
          throw new Error('neither')
        },
        lost: () => {}
      },
      { protocol: '/test' }
    )
    expect([
      await a.say(b.address, 'x'),
      await a.say('rude', 'x'),
      await b.say('rude', 'x')
    ]).toEqual(['PROTOCOL_MISMATCH', 'taken', 'PROTOCOL_MISMATCH'])
    // Not from inside the send of another node.
    expect(b.failures).toEqual([])
    await clock.advance(0)
    expect([b.heard, b.failures, a.failures]).toEqual([[], ['PROTOCOL_MISMATCH'], []])
  })
})

test('a tap sees every message, lost or not, and can be closed', async () => {
  const { clock, network, node } = setUp()
  const [a, b] = [await node(), await node()]
  const seen: string[] = []
  const close = network.tap(({ from, to, bytes }) => {
    seen.push(`${from} ${to} ${bytes.length}`)
    bytes.fill(0)
  })
  await a.say(b.address, 'abc')
  network.loss = 1
  await a.say(b.address, 'lost')
  close()
  await a.say(b.address, 'unseen')
  await clock.advance(0)
  expect(seen).toEqual(['memory:1 memory:2 3', 'memory:1 memory:2 4'])
  // What an observer does to its copy, nobody feels.
  expect(textsOf(b)).toEqual(['abc'])
})
