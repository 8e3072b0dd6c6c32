import { createRng } from '@rumormill/protocol/plugin'
import { expect, it, onTestFinished } from 'vitest'
import { Network } from '../../src/harness/network.ts'

it('carries values between processes of the node, and not where it is cut', async () => {
  const delivered: number[] = []
  const network = new Network({
    nodes: 3,
    delayMs: 5,
    loss: 0,
    rng: createRng(1),
    delivered: (value) => void delivered.push(value)
  })
  onTestFinished(() => network.stop())
  await Promise.all(
    network.names.map((node) =>
      network.ask(node, { type: 'init', node_id: node, node_ids: network.names }, 60_000)
    )
  )
  await network.ask('n0', { type: 'broadcast', message: 7 }, 60_000)
  const reads = async (): Promise<unknown[]> =>
    Promise.all(
      ['n1', 'n2'].map(
        async (node) => (await network.ask(node, { type: 'read' }, 60_000))['messages']
      )
    )
  await expect.poll(reads).toEqual([[7], [7]])
  expect(delivered).toEqual([7, 7])
  expect(network.sent).toBeGreaterThan(3)
  network.cut((from, to) => from === 'n2' || to === 'n2')
  await network.ask('n0', { type: 'broadcast', message: 8 }, 60_000)
  await expect.poll(reads).toEqual([[7, 8], [7]])
  expect(network.complaints).toEqual([])
})
