import { afterEach, describe, expect, it } from 'vitest'
import { Group, type GroupListener } from '../../src/demo/group.ts'
import { until } from '../until.ts'

const groups: Group[] = []
afterEach(async () => {
  await Promise.all(groups.splice(0).map((group) => group.stop()))
})

/** A started group of four, each of which sees all others, and what was delivered: `node<from text`. */
async function startGroup(): Promise<{ group: Group; delivered: string[]; ended: string[] }> {
  const delivered: string[] = []
  const ended: string[] = []
  const listener: GroupListener = {
    connected: () => {},
    submitted: () => {},
    delivered: ({ number }, content, _atMs, from) => delivered.push(`${number}<${from} ${content}`),
    failed: () => {},
    ended: ({ number }, reason) => ended.push(`${number}: ${reason}`)
  }
  const options = {
    nodes: 4,
    transport: 'tcp',
    codec: 'binary',
    preset: 'local',
    updates: 100,
    maxConnections: 100,
    processes: false
  } as const
  const group = new Group(options, listener)
  groups.push(group)
  await group.start()
  await until('all see all', () =>
    [0, 1, 2, 3].every((number) => seenBy(group, number).length === 3)
  )
  return { group, delivered, ended }
}

/** The numbers in the view of a node, as it is now. */
function seenBy(group: Group, number: number): number[] {
  group.look()
  const { sight } = group.seats[number]!
  return sight!.view.map(({ address }) => group.numberOf(address)!).sort()
}

describe('Group', () => {
  it('tells who handed an update over', async () => {
    const { group, delivered } = await startGroup()
    group.submit(2, 'news')
    await until('all have it', () => delivered.length === 3)
    for (const [number, from] of delivered.map((line) => [line[0], line[2]]))
      expect(from).not.toBe(number)
    expect(delivered.some((line) => line.includes('<2 '))).toBe(true)
    expect(group.seats[0]!.sight).toMatchObject({ waiting: 0 })
  })

  it('may be looked at when it has stopped, and shows what was', async () => {
    const { group } = await startGroup()
    await group.stop()
    group.look()
    expect(group.seats[0]!.sight!.view).toHaveLength(3)
    expect(await group.restart(0)).toBe(false)
  })

  it('keeps what is said on one side of a partition there, until it is healed', async () => {
    const { group, delivered } = await startGroup()
    group.partition([0, 1])
    await until('each side sees itself only', () => {
      return (
        seenBy(group, 0).join() === '1' &&
        seenBy(group, 1).join() === '0' &&
        seenBy(group, 2).join() === '3'
      )
    })
    group.submit(0, 'left')
    group.submit(3, 'right')
    await until('each side has its own', () => delivered.length === 2)
    expect(delivered.sort()).toEqual(['1<0 left', '2<3 right'])
    group.heal()
    await until('both have both', () => delivered.length === 6)
    expect(delivered.map((line) => `${line[0]} ${line.slice(4)}`).sort()).toEqual([
      '0 right',
      '1 left',
      '1 right',
      '2 left',
      '2 right',
      '3 left'
    ])
  })

  it('goes on without a node that was killed, and brings a new one up to date', async () => {
    const { group, delivered, ended } = await startGroup()
    const address = group.seats[3]!.address
    expect(await group.kill(3)).toBe(true)
    expect(await group.kill(3)).toBe(false)
    expect(ended).toEqual(['3: killed'])
    await until('it has left', () =>
      [0, 1, 2].every((number) => !seenBy(group, number).includes(3))
    )
    group.submit(0, 'news')
    await until('the others have it', () => delivered.length === 2)
    expect(await group.restart(0)).toBe(false)
    expect(await group.restart(3)).toBe(true)
    await until('it has it too', () => delivered.some((line) => line.startsWith('3<')))
    expect(group.seats[3]).toMatchObject({ status: 'up', life: 1 })
    expect(group.seats[3]!.address).not.toBe(address)
    await until('it is seen again', () =>
      [0, 1, 2].every((number) => seenBy(group, number).includes(3))
    )
  })

  it('keeps a restarted node on its side of the partition', async () => {
    const { group, delivered } = await startGroup()
    await group.kill(1)
    group.partition([0, 1])
    await group.restart(1)
    group.submit(0, 'left')
    await until('its side has it', () => delivered.length > 0)
    await until('it sees its side only', () => seenBy(group, 1).join() === '0')
    expect(delivered).toEqual(['1<0 left'])
  })
})
