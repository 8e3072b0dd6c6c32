import type { Address, Transport } from '@rumormill/protocol/plugin'
import { tcpTransport } from '@rumormill/transport-tcp'
import { describe, expect, test } from 'vitest'
import { manualClock, memoryNetwork, transportConformance } from '../../src/index.ts'
import type { ConformanceCase, MemoryNetworkOptions } from '../../src/index.ts'
import { faults } from './broken-transports.ts'
import { Connections } from './broken-transports/connections.ts'
import type { Fault } from './broken-transports/fault.ts'

/** The suite over a memory network of its own, under virtual time. */
function inMemory(
  options: MemoryNetworkOptions = {},
  fault: Fault['break'] = () => ({})
): readonly ConformanceCase[] {
  const clock = manualClock()
  const network = memoryNetwork({ clock, maxMessageBytes: 100_000, ...options })
  const connections = new Connections()
  const create = (address?: Address): Transport => {
    const sound = connections.over(network.transport(address))
    return { ...sound, ...fault(sound, { clock, network }) }
  }
  return transportConformance(({ address } = {}) => create(address), {
    wait: (ms) => clock.advance(ms),
    unreachable: 'memory:nobody',
    reusesAddresses: true,
    authenticated: true,
    hasConnections: true,
    createImpostor: (victim) => create(`impostor-of:${victim}`)
  })
}

function find(cases: readonly ConformanceCase[], name: string): ConformanceCase {
  const found = cases.find((each) => each.name === name)
  if (found === undefined) throw new Error(`there is no case "${name}"`)
  return found
}

describe('passes a sound transport', () => {
  test.each(inMemory())('at once: $name', ({ run }) => run())

  test.each(inMemory({ delayMs: { least: 0, most: 40 }, duplicate: 0.3 }))(
    'that reorders and duplicates: $name',
    ({ run }) => run()
  )

  const realNetwork = memoryNetwork()
  test.each(
    transportConformance(({ address } = {}) => realNetwork.transport(address), {
      unreachable: 'memory:nobody',
      reusesAddresses: true,
      authenticated: true
    })
  )('in real time: $name', ({ run }) => run())

  const portOf = (address?: Address): number => Number(address?.split(':').at(-1) ?? 0)
  test.each(
    transportConformance(async ({ address } = {}) => tcpTransport({ port: portOf(address) }), {
      // Nobody listens below port 2.
      unreachable: '127.0.0.1:1',
      reusesAddresses: true,
      hasConnections: true
    })
  )('over sockets: $name', ({ run }) => run())
})

describe('a broken transport', () => {
  test.each(faults)('with $fault is caught: $caughtBy', async ({ break: fault, caughtBy }) => {
    const { run } = find(inMemory({}, fault), caughtBy)
    // A complaint of the suite itself, not an error that slipped through it, nor one about a fault that is broken itself.
    await expect((async () => run())()).rejects.toMatchObject({
      name: 'Error',
      message: expect.not.stringContaining('ReferenceError')
    })
  })

  test('there is one for every case', () => {
    const caught = new Set(faults.map(({ caughtBy }) => caughtBy))
    expect(
      inMemory()
        .map(({ name }) => name)
        .filter((name) => !caught.has(name))
    ).toEqual([])
  })

  test('is told what was expected and what came', async () => {
    const { run } = find(
      inMemory({}, (sound) => ({
        send: (to, bytes, options) =>
          sound.send(to, bytes, options).catch(() => {
            throw new RangeError('no')
          })
      })),
      'refuses a message that is too long'
    )
    await expect((async () => run())()).rejects.toThrow(
      /expected MESSAGE_TOO_LARGE, came .*RangeError: no/
    )
  })
})

test('cases that need what a transport cannot do are left out', () => {
  const few = transportConformance(() => memoryNetwork().transport(), {
    unreachable: 'x',
    reusesAddresses: false
  }).map(({ name }) => name)
  const left = inMemory()
    .map(({ name }) => name)
    .filter((name) => !few.includes(name))
  expect(left).toEqual([
    'names each sender by the address it started at',
    'reaches a new peer at the address of a stopped one',
    'lets no peer send with the address of another',
    'does not start at a taken address',
    'tells once that a watched peer is lost',
    'dismisses a peer, and tells it'
  ])
})

test('a case stops all that it started, also when it fails', async () => {
  const running = new Set<Transport>()
  const network = memoryNetwork()
  const cases = transportConformance(
    () => {
      const sound = network.transport()
      return {
        ...sound,
        maxMessageBytes: 1000,
        start: async (receiver, options) => {
          running.add(sound)
          return sound.start(receiver, options)
        },
        send: () => Promise.reject(new Error('never')),
        stop: async () => {
          running.delete(sound)
          await sound.stop()
        }
      }
    },
    { unreachable: 'x', reusesAddresses: false }
  )
  for (const { name, run } of cases.slice(0, 4)) {
    await expect((async () => run())(), name).rejects.toThrow(Error)
    expect(running.size).toBe(0)
  }
})
