/** Two running nodes with one address: both and their peers report it; a restarted node is not one of two. */

import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { bytesOf, codeOf, hello, startNode, strangeListener, strangerTo, until } from './harness.ts'

const told = ({ failures }: { failures: readonly Error[] }): string[] =>
  failures.map(({ message }) => message)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('the one that can be dialled is accepted, the other is refused, and all three report it once', async () => {
  const a = await startNode()
  const port = await freePort()
  const twin = await startNode({ advertise: { port } })
  await twin.send(a.address, bytesOf(1))
  await until(() => expect(a.received.length).toBe(1))
  const right = await startNode({ port })
  // The first was there first: until it is known who can be dialled, the newcomer is refused.
  await until(async () => expect(await codeOf(right.send(a.address, bytesOf(2)))).toBe('no error'))
  await until(() => expect(a.received.at(-1)).toEqual({ from: right.address, bytes: bytesOf(2) }))
  await until(() => expect(twin.lost.length).toBe(1))
  expect(twin.lost[0]!.error.message).toContain('another running node has the same address')
  expect(told(a)).toEqual([
    expect.stringContaining(`another running node advertises ${right.address}`)
  ])
  // From now on it is the twin that is refused.
  await until(async () => {
    await expect(twin.send(a.address, bytesOf(3))).rejects.toThrow(/advertises .*, too|backing off/)
  })
  await until(() => expect(told(right)).toEqual([expect.stringContaining('is connected to both')]))
  expect(a.transport.stats().refused['identity-in-use']).toBeGreaterThan(0)
})

test('of two that cannot be dialled, the one that connected first is accepted', async () => {
  const a = await startNode()
  const address = `127.0.0.1:${await freePort()}`
  const [first, second] = [await strangerTo(a.address), await strangerTo(a.address)]
  first.say(hello(address, undefined, undefined, undefined, 1000), bytesOf(1))
  await until(() => expect(a.received.length).toBe(1))
  second.say(hello(address, undefined, undefined, undefined, 2000), bytesOf(2))
  await second.closed
  expect(first.goodbyes).toEqual(['identity-in-use'])
  first.say(bytesOf(3))
  await until(() => expect(a.received.map(({ bytes }) => bytes[0])).toEqual([1, 3]))
})

test('a restarted node is no twin of itself, even if its old connection was never closed', async () => {
  const a = await startNode({ deadlines: { silentMs: 200 } })
  const address = await strangeListener(() => {})
  const before = await strangerTo(a.address)
  before.isSilent = true
  before.say(hello(address, undefined, undefined, undefined, 1000), bytesOf(1))
  await until(() => expect(a.received.length).toBe(1))
  await new Promise((resolve) => setTimeout(resolve, 300))
  const after = await strangerTo(a.address)
  after.say(hello(address, undefined, undefined, undefined, 2000), bytesOf(2))
  await until(() => expect(a.received.length).toBe(2))
  expect([after.goodbyes, told(a)]).toEqual([[], []])
})
