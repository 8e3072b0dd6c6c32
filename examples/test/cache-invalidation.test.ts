import { expect, it, onTestFinished } from 'vitest'
import { CachedStore, type Store } from '../src/cache-invalidation.ts'
import { Program } from './program.ts'

it('shows each write to every node, the second one of a key and of a value too', async () => {
  const { code, lines } = await new Program(['cache-invalidation']).outcome()
  expect(code).toBe(0)
  expect(
    lines.slice(0, 3).every((line) => /^node \d listens on 127\.0\.0\.1:\d+, reads 9$/.test(line))
  ).toBe(true)
  const rounds = lines
    .slice(3)
    .join('\n')
    .split(/^(?=.* has written)/m)
    .map((round) => round.trimEnd().split('\n'))
  expect(rounds.map(([first]) => first)).toEqual([
    'node 1 has written 10',
    'node 2 has written 12',
    'node 3 has written 10'
  ])
  for (const [writer, [, ...reads]] of rounds.entries()) {
    const value = writer === 1 ? 12 : 10
    const seen = reads.map((line) =>
      /^node (\d) reads (\d+) after \d+ ms; old values read before: (\d+)$/
        .exec(line)!
        .slice(1)
        .map(Number)
    )
    expect(seen.map(([node, read]) => [node, read]).sort()).toEqual([
      [1, value],
      [2, value],
      [3, value]
    ])
    // The others answer from their caches until they are told.
    for (const [node, , stale] of seen)
      expect(stale! > 0, `node ${node} in round ${writer + 1}`).toBe(node !== writer + 1)
  }
})

it('ends in good order at Ctrl-C', async () => {
  const program = new Program(['cache-invalidation'])
  await program.prints(/^node 1 has written 10$/)
  const { code, lines } = await program.pressCtrlC()
  expect(code).toBe(0)
  expect(lines.filter((line) => /!|written 12/.test(line))).toEqual([])
})

it('forgets an answer that is under way when a write overtakes it', async () => {
  const pending: (() => void)[] = []
  let current = 'old'
  const store: Store = {
    read: () => {
      const value = current
      return new Promise((resolve) => pending.push(() => resolve(value)))
    },
    write: (_key, value) => {
      current = value
      return Promise.resolve()
    }
  }
  const node = new CachedStore(store, [])
  onTestFinished(() => node.gossip.stop())
  await node.gossip.start()
  const before = node.read('key')
  await node.write('key', 'new')
  pending.shift()!()
  expect(await before).toBe('old')
  const after = node.read('key')
  pending.shift()!()
  expect(await after).toBe('new')
})

it('remembers no failure of the store, and tells the others of a write that failed', async () => {
  let fails = true
  let reads = 0
  const store: Store = {
    read: () => {
      reads++
      return fails ? Promise.reject(new Error('the store is down')) : Promise.resolve('value')
    },
    write: () => Promise.reject(new Error('the store is down'))
  }
  const a = new CachedStore(store, [])
  const b = new CachedStore(store, [await a.gossip.start()])
  onTestFinished(async () => void (await Promise.all([a.gossip.stop(), b.gossip.stop()])))
  await b.gossip.start()
  await expect(a.read('key')).rejects.toThrow('the store is down')
  fails = false
  expect([await a.read('key'), await a.read('key'), reads]).toEqual(['value', 'value', 2])
  await expect(b.write('key', 'value')).rejects.toThrow('the store is down')
  await expect.poll(async () => [await a.read('key'), reads]).toEqual(['value', 3])
})
