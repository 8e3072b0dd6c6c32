import { describe, expect, it } from 'vitest'
import { Announcer } from '../../src/broadcast/announcer.ts'
import type { BroadcastConfig } from '../../src/broadcast/config.ts'
import type { Send } from '../../src/message.ts'
import { createRng } from '../../src/random.ts'
import { blake3Digest, packDigests } from '../../src/update.ts'

const PEERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const digest = (text: string): Uint8Array => blake3Digest(new TextEncoder().encode(text))
const digests = (...texts: string[]): Uint8Array => packDigests(texts.map(digest))

function announcer(changes: Partial<BroadcastConfig> = {}, maxDigests = 100): Announcer {
  return new Announcer({ mode: 'announce', degree: 3, greetingMs: 10_000, ...changes }, maxDigests, createRng(1), 0)
}

/** Ticks with the first so many of {@link PEERS} to choose from. */
function tick(node: Announcer, nowMs: number, known = PEERS.length): Send[] {
  return node.tick(nowMs, known, (count) => PEERS.slice(0, Math.min(known, count)))
}

function told(sends: readonly Send[]): Record<string, Uint8Array> {
  return Object.fromEntries(sends.map(({ to, message }) => [to, (message as { digests: Uint8Array }).digests]))
}

describe('neighbours', () => {
  it('are chosen at once, as many as the degree, and told so', () => {
    const node = announcer()
    expect(told(tick(node, 0))).toEqual({ a: digests(), b: digests(), c: digests() })
    expect(node.neighbours(0)).toBe(3)
    expect(tick(node, 500)).toEqual([])
  })

  it('are looked for again while there are too few, and replaced when they cannot be reached', () => {
    const node = announcer()
    expect(Object.keys(told(tick(node, 0, 1)))).toEqual(['a'])
    expect(Object.keys(told(tick(node, 500, 2)))).toEqual(['b'])
    node.forget('a')
    expect(node.neighbours(600)).toBe(1)
    expect(Object.keys(told(tick(node, 1000)))).toEqual(['a', 'c'])
  })

  it('are greeted now and then, and one of them exchanged', () => {
    const node = announcer()
    tick(node, 0)
    const greeted = Object.keys(told(tick(node, 10_000)))
    expect(greeted).toHaveLength(3)
    expect(node.neighbours(10_000)).toBe(3)
  })

  it('are also those that chose us, up to twice the degree, until they are silent for three greetings', () => {
    const node = announcer({ degree: 1 })
    for (const peer of ['x', 'y', 'z']) node.heard(0, peer, digests())
    expect(node.neighbours(0)).toBe(2)
    node.heard(20_000, 'x', digests())
    expect(node.neighbours(30_000)).toBe(1)
    node.heard(30_000, 'z', digests())
    expect(node.neighbours(30_000)).toBe(2)
  })
})

describe('news', () => {
  it('goes at once to all neighbours, in one message each', () => {
    const node = announcer()
    tick(node, 0)
    node.heard(0, 'x', digests())
    node.accepted(100, digest('1'), undefined)
    node.accepted(100, digest('2'), undefined)
    expect(node.dueMs).toBe(100)
    const both = digests('1', '2')
    expect(told(tick(node, 100))).toEqual({ a: both, b: both, c: both, x: both })
    expect(tick(node, 100)).toEqual([])
  })

  it('does not go to those who told us, nor to the one who brought it', () => {
    const node = announcer()
    tick(node, 0)
    node.heard(1, 'a', digests('1', '2'))
    node.heard(1, 'b', digests('1'))
    node.accepted(2, digest('1'), 'c')
    node.accepted(2, digest('2'), 'c')
    expect(told(tick(node, 2))).toEqual({ b: digests('2') })
  })

  it('is cut to what one message holds', () => {
    const node = announcer({ degree: 1 }, 2)
    tick(node, 0)
    for (const each of ['1', '2', '3']) node.accepted(1, digest(each), undefined)
    expect(tick(node, 1).map(({ message }) => (message as { digests: Uint8Array }).digests)).toEqual([digests('1', '2'), digests('3')])
  })

  it('told by peers that never bring it takes bounded memory', () => {
    const node = announcer()
    tick(node, 0)
    node.heard(1, 'a', digests('first'))
    for (let n = 0; n < 4096; n++) node.heard(2, 'b', digests(`${n}`))
    node.accepted(3, digest('first'), undefined)
    // Forgotten, so told once too often.
    expect(Object.keys(told(tick(node, 3)))).toEqual(['a', 'b', 'c'])
  })
})

it('off says and expects nothing', () => {
  const node = announcer({ mode: 'off' })
  node.heard(0, 'a', digests('1'))
  node.accepted(0, digest('1'), undefined)
  expect([node.dueMs, node.neighbours(0), tick(node, 1e9)]).toEqual([Infinity, 0, []])
})
