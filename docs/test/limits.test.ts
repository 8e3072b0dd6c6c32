import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { memoryNetwork, manualClock } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { CRATE_LIMITS, limitsPage, MESSAGE_LIMITS, NODE_LIMITS, TCP_LIMITS } from './limits.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = `${root}docs/limits.md`

it('docs/limits.md is what the code says; LIMITS=write writes it', () => {
  if (process.env['LIMITS'] === 'write') writeFileSync(page, limitsPage())
  expect(readFileSync(page, 'utf8')).toBe(limitsPage())
})

it('every counter of a node is one', async () => {
  const clock = manualClock()
  const gossip = createGossip({
    transport: memoryNetwork({ clock }).transport('a'),
    codec: binaryCodec(),
    peers: staticPeers([]),
    clock,
    handler: { onUpdate: () => {} }
  })
  await gossip.start()
  const stats = gossip.stats()
  const names = [
    ...Object.keys(stats),
    ...Object.keys(stats.dropped).map((reason) => `dropped[${reason}]`)
  ]
  const named = NODE_LIMITS.flatMap(({ counter }) => counter.split(', '))
  expect(named.filter((name) => !names.includes(name))).toEqual([])
  await gossip.stop()
})

it.each([...NODE_LIMITS, ...MESSAGE_LIMITS, ...TCP_LIMITS, ...CRATE_LIMITS])(
  '$option is reached by a test',
  ({ file, title }) => {
    expect(existsSync(root + file)).toBe(true)
    if (title !== '') expect(readFileSync(root + file, 'utf8')).toContain(`'${title}`)
  }
)
