/** A node from start to stop: what it waits for, and what works when. */

import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/index.ts'
import { bytes, group, startAll } from './memory-group.ts'

describe('the life of a node', () => {
  it('ready: once a peer has answered', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    let ready = false
    await a.gossip.start()
    void a.gossip.ready().then(() => (ready = true))
    await clock.advance(5000)
    expect(ready).toBe(false)
    await b.gossip.start()
    await clock.advance(1000)
    expect(ready).toBe(true)
    await b.gossip.ready()
  })

  it('ready: rejects by its signal, and by stop', async () => {
    const { node } = group()
    const a = node('a', [])
    await a.gossip.start()
    const reason = new Error('enough')
    await expect(a.gossip.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const stopping = new AbortController()
    const waits = [a.gossip.ready(), a.gossip.ready({ signal: stopping.signal })]
    stopping.abort(reason)
    await expect(waits[1]).rejects.toBe(reason)
    await a.gossip.stop()
    await expect(waits[0]).rejects.toMatchObject({ code: 'NOT_RUNNING' })
    await expect(a.gossip.ready()).rejects.toMatchObject({ code: 'NOT_RUNNING' })
  })

  it('crate flaw 33: a port in use is a rejection, and nothing is left open', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('a', [])]
    await a.gossip.start()
    await expect(b.gossip.start()).rejects.toMatchObject({ code: 'ADDRESS_UNAVAILABLE' })
    await a.gossip.stop()
    expect(clock.pendingWakes).toBe(0)
  })

  it('crate flaw 31: stop succeeds, twice, and before start', async () => {
    const { node } = group()
    const [a, b] = [node('a', []), node('b', [])]
    await a.gossip.start()
    await Promise.all([a.gossip.stop(), a.gossip.stop()])
    await b.gossip.stop()
    await expect(b.gossip.start()).rejects.toMatchObject({ code: 'ALREADY_STARTED' })
    await expect(a.gossip.start()).rejects.toMatchObject({ code: 'ALREADY_STARTED' })
  })

  it('crate flaw 32: stop waits for no period and no handler', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const b = node('b', ['a'], { handler: { onUpdate: () => new Promise(() => {}) } })
    await startAll([a, b])
    await clock.advance(1000)
    for (const text of ['x', 'y', 'z']) a.gossip.submit(bytes(text))
    await clock.advance(1000)
    const beforeMs = clock.now()
    await b.gossip.stop()
    expect(clock.now()).toBe(beforeMs)
    expect(b.events.at(-1)).toEqual({ kind: 'dropped', reason: 'not-running', count: 2 })
  })

  it('stop waits until peers have fetched what was submitted, and submit throws meanwhile', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    await startAll([a, b])
    await clock.advance(1000)
    const beforeMs = clock.now()
    for (const text of ['last', 'words', 'x'.repeat(10_000)]) a.gossip.submit(bytes(text))
    const stopping = a.gossip.stop().then(() => clock.now())
    expect(() => a.gossip.submit(bytes('too late'))).toThrow(
      expect.objectContaining({ code: 'NOT_RUNNING' })
    )
    await clock.advance(1000)
    expect((await stopping) - beforeMs).toBeLessThan(100)
    expect(b.updates.map(({ length }) => length)).toEqual([4, 5, 10_000])
    expect(a.events.filter(({ kind }) => kind === 'dropped')).toEqual([])
  })

  it.each([
    ['cut off, stop waits for the grace period', 700, 700],
    ['cut off, stop that may not wait does not', 0, 0],
    ['alone, stop has nobody to wait for', undefined, 0]
  ])('%s, and reports how much no peer has', async (_name, graceMs, waitedMs) => {
    const { clock, network, node } = group()
    const [a, b] = [node('a', []), node('b', graceMs === undefined ? [] : ['a'])]
    await startAll([a, b])
    await clock.advance(1000)
    network.blackHole = true
    network.partition([['a'], ['b']])
    const beforeMs = clock.now()
    // Too large to be pushed.
    const digests = ['never', 'seen'].map(
      (text) => a.gossip.submit(bytes(text.padEnd(5000))).digest
    )
    const stopping = a.gossip.stop(graceMs === undefined ? {} : { graceMs }).then(() => clock.now())
    await clock.advance(5000)
    expect((await stopping) - beforeMs).toBe(waitedMs)
    expect(a.events.filter(({ kind }) => kind === 'dropped')).toEqual([
      { kind: 'dropped', reason: 'unacknowledged', count: 2, digests }
    ])
  })

  it('stop does not wait for expired updates', async () => {
    const { clock, node } = group()
    const expiring = node('a', [], { store: { expiration: { mode: 'duration', ms: 100 } } })
    await startAll([expiring, node('b', ['a'])])
    expiring.gossip.submit(bytes('short'))
    await clock.advance(5000)
    const beforeMs = clock.now()
    await expiring.gossip.stop()
    expect(expiring.events.filter(({ kind }) => kind === 'dropped')).toEqual([])
    expect(clock.now()).toBe(beforeMs)
  })

  it('stop during start', async () => {
    const { clock, network, node } = group()
    const a = node('a', [])
    const starting = a.gossip.start()
    const stopping = a.gossip.stop()
    await expect(starting).rejects.toMatchObject({ code: 'NOT_RUNNING' })
    await stopping
    expect(clock.pendingWakes).toBe(0)
    await network
      .transport('a')
      .start({ receive: () => {}, fail: () => {}, lost: () => {} }, { protocol: 'p' })
  })

  it('before start and after stop all methods throw NOT_RUNNING', async () => {
    const { node } = group()
    const { gossip } = node('a', [])
    const codes = (): unknown[] =>
      [
        () => gossip.submit(bytes('x')),
        () => gossip.address,
        () => gossip.peers(),
        () => gossip.stats(),
        () => gossip.status(digestOf(bytes('x')))
      ].map((use) => {
        try {
          use()
        } catch (error) {
          return (error as { code: string }).code
        }
      })
    expect(codes()).toEqual(Array(5).fill('NOT_RUNNING'))
    await gossip.start()
    expect(codes()).toEqual(Array(5).fill(undefined))
    await gossip[Symbol.asyncDispose]()
    expect(codes()).toEqual(Array(5).fill('NOT_RUNNING'))
  })

  it('an observer that throws changes nothing', async () => {
    const { clock, node } = group()
    const a = node('a', [], {
      observe: () => {
        throw new Error('no')
      }
    })
    const b = node('b', ['a'])
    await startAll([a, b])
    a.gossip.submit(bytes('x'))
    await clock.advance(3000)
    expect(b.updates).toEqual(['x'])
  })
})
