/** Checks that a fault has one name and one meaning in the testkit and in the simulator, of which neither imports the other. */

import { createRng, type Transport } from '@rumormill/protocol/plugin'
import { rngFor, type NetworkOptions, type SimulatedApp, type Stage } from '@rumormill/simulator'
import {
  faultPlan,
  manualClock,
  memoryNetwork,
  type DelayMs,
  type Faults,
  type LinkFaults
} from '@rumormill/testkit'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { Network } from '../../packages/simulator/src/world/network.ts'
import { SOUND } from '../../packages/testkit/src/faults/node/stream-faults.ts'

const MESSAGES = 1000

type Links = (links: LinkFaults) => void
/** Sends from node 0 to node 1; returns the milliseconds that each copy took, in order. */
type Trial = (faults: Partial<Faults>, links?: Links) => Promise<number[]>

const simulator: Trial = async ({ delayMs = 0, ...faults }, links = () => {}) => {
  const network = new Network({ delayMs, ...faults }, rngFor(1))
  const numbers = (nodes: readonly string[]): number[] => nodes.map(Number)
  links({
    partition: (groups) => network.partition(groups.map(numbers)),
    cut: (from, to) => network.cut(numbers(from), numbers(to)),
    heal: () => network.heal()
  })
  if (!network.isOpen(0, 1)) return []
  const arrivals = Array.from({ length: MESSAGES }, () => network.arrivals(0, 0, 1, 100)).flat()
  return arrivals.sort((a, b) => a - b)
}

const memory: Trial = async (faults, links = () => {}) => {
  const clock = manualClock()
  const network = memoryNetwork({ clock, rng: createRng(1), ...faults })
  links(network)
  return trialOf(clock, (address) => network.transport(address))
}

const plan: Trial = async (faults, links = () => {}) => {
  const clock = manualClock()
  const network = memoryNetwork({ clock })
  const faulty = faultPlan({ clock, rng: createRng(1), ...faults })
  links(faulty)
  return trialOf(clock, (address) => faulty.wrap(network.transport(address)))
}

async function trialOf(
  clock: ReturnType<typeof manualClock>,
  transport: (address: string) => Transport
): Promise<number[]> {
  const [sender, receiver] = [transport('0'), transport('1')]
  const arrivals: number[] = []
  const ignored = { receive: () => {}, fail: () => {}, lost: () => {} }
  const beganMs = clock.now()
  const receive = (): void => void arrivals.push(clock.now() - beganMs)
  await sender.start(ignored, { protocol: 'x' })
  await receiver.start({ ...ignored, receive }, { protocol: 'x' })
  const { signal } = new AbortController()
  const sent = Array.from({ length: MESSAGES }, () =>
    sender.send('1', new Uint8Array(100), { signal })
  )
  const settled = Promise.allSettled(sent)
  await clock.advance(5000)
  await settled
  return arrivals
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe.each([
  ['the simulator', simulator],
  ['the memory network', memory],
  ['a fault plan', plan]
])('%s', (_where, trial) => {
  it('has no faults but those that are asked for', async () => {
    expect(await trial({})).toEqual(Array.from({ length: MESSAGES }, () => 0))
  })

  it('takes loss and duplicate as shares of the messages', async () => {
    expect((await trial({ loss: 0.2 })).length / MESSAGES).toBeCloseTo(0.8, 1)
    expect((await trial({ duplicate: 0.3 })).length / MESSAGES).toBeCloseTo(1.3, 1)
  })

  it.each<[DelayMs, least: number, most: number, mean: number]>([
    [20, 20, 20, 20],
    [{ least: 20, most: 60 }, 20, 60, 40],
    [{ least: 20, mean: 40 }, 20, 400, 40]
  ])('takes a delayMs of %j', async (delayMs, least, most, average) => {
    const delays = await trial({ delayMs })
    expect(delays).toHaveLength(MESSAGES)
    expect(delays.at(0)).toBeGreaterThanOrEqual(least)
    expect(delays.at(-1)).toBeLessThanOrEqual(most)
    expect(Math.abs(mean(delays) - average)).toBeLessThan(2)
  })

  it.each<[string, Links, isOpen: boolean]>([
    ['splits groups', (links) => links.partition([['0'], ['1']]), false],
    ['splits off who is in no group', (links) => links.partition([['0']]), false],
    ['joins who share one of many groups', (links) => links.partition([['0', '1'], ['1']]), true],
    ['cuts one direction', (links) => links.cut(['0'], ['1']), false],
    ['leaves the other one open', (links) => links.cut(['1'], ['0']), true]
  ])('%s', async (_what, links, isOpen) => {
    expect((await trial({}, links)).length).toBe(isOpen ? MESSAGES : 0)
  })

  it('adds partitions and cuts, until all are healed', async () => {
    const links: Links = (network) => {
      network.partition([['0'], ['1']])
      network.partition([['0', '1']])
      network.cut(['1'], ['0'])
    }
    expect(await trial({}, links)).toEqual([])
    const healed: Links = (network) => {
      links(network)
      network.heal()
    }
    expect((await trial({}, healed)).length).toBe(MESSAGES)
  })
})

it.each([
  ['the simulator', simulator],
  ['a fault plan', plan]
])('%s delays the share reorder by up to reorderMs more', async (_where, trial) => {
  const delays = await trial({ reorder: 0.3, reorderMs: 100 })
  expect(delays.filter((ms) => ms > 0).length / MESSAGES).toBeCloseTo(0.3, 1)
  expect(delays.at(-1)).toBeLessThanOrEqual(100)
})

it('every network and the proxy use these names', () => {
  const names = Object.keys(faultPlan().config)
  const sharedBy = (faults: object): string[] => names.filter((name) => name in faults)
  const simulated = new Network({}, rngFor(1))
  expect(sharedBy(simulated.options)).toEqual([
    'loss',
    'delayMs',
    'duplicate',
    'reorder',
    'reorderMs'
  ])
  expect(sharedBy(memoryNetwork())).toEqual(['loss', 'delayMs', 'duplicate', 'blackHole'])
  expect(sharedBy(SOUND)).toEqual(['delayMs', 'duplicate'])
  expectTypeOf<keyof Stage<SimulatedApp> & keyof LinkFaults>().toEqualTypeOf<keyof LinkFaults>()
  expectTypeOf<DelayMs>().toExtend<NonNullable<NetworkOptions['delayMs']>>()
})
