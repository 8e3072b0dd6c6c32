/** What a handler may do, and what its failures and its slowness come to. */

import { describe, expect, it } from 'vitest'
import { bytes, group, startAll, type TestNode } from './memory-group.ts'

describe('the handler', () => {
  it('crate flaw 28: may submit, and is called in order', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const seen: string[] = []
    const b: TestNode = node('b', ['a'], {
      handler: {
        onUpdate: ({ content }) => {
          seen.push(String(content))
          b.gossip.submit(bytes(`re: ${String(content)}`))
        }
      }
    })
    await startAll([a, b])
    for (const text of ['1', '2', '3']) a.gossip.submit(bytes(text))
    await clock.advance(3000)
    expect(seen).toEqual(['1', '2', '3'].map((text) => String(bytes(text))))
    expect(a.updates).toHaveLength(3)
  })

  it('crate flaw 29: may throw, reject or hang; later updates are still delivered', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const seen: number[] = []
    const b = node('b', ['a'], {
      delivery: { timeoutMs: 1000 },
      handler: {
        onUpdate: ({ content }) => {
          seen.push(content[0]!)
          if (content[0] === 1) throw new Error('boom')
          if (content[0] === 2) return Promise.reject(new Error('boom later'))
          return content[0] === 3 ? new Promise<void>(() => {}) : undefined
        }
      }
    })
    await startAll([a, b])
    for (const n of [1, 2, 3, 4]) a.gossip.submit(new Uint8Array([n]))
    await clock.advance(5000)
    expect(seen).toEqual([1, 2, 3, 4])
    expect(b.codes()).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED', 'HANDLER_FAILED'])
    expect(b.gossip.stats().delivered).toBe(1)
  })

  it('may return anything: only a promise is waited for', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const thenless: unknown = JSON.parse('{"then":"no function"}')
    const answers: unknown[] = [null, 7, 'text', {}, thenless, () => {}]
    const b = node('b', ['a'], {
      delivery: { timeoutMs: 1000 },
      handler: { onUpdate: ({ content }) => answers[content[0]!] as never }
    })
    await startAll([a, b])
    answers.forEach((_, n) => a.gossip.submit(new Uint8Array([n])))
    await clock.advance(900)
    expect(b.codes()).toEqual([])
    expect(b.gossip.stats()).toMatchObject({ delivered: answers.length, waitingUpdates: 0 })
  })

  it('crate flaw 6: a slow one bounds what is fetched, and loses nothing', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const seen = new Set<number>()
    const b = node('b', ['a'], {
      delivery: { maxWaiting: 5 },
      handler: {
        onUpdate: ({ content }) =>
          new Promise((resolve) => {
            seen.add(content[0]!)
            clock.wakeAt(clock.now() + 100, resolve)
          })
      }
    })
    await startAll([a, b])
    await clock.advance(1000)
    for (let n = 0; n < 50; n++) a.gossip.submit(new Uint8Array([n]))
    for (let step = 0; step < 100; step++) {
      await clock.advance(100)
      const { waitingUpdates, pendingRequests } = b.gossip.stats()
      expect(waitingUpdates + pendingRequests).toBeLessThanOrEqual(5)
    }
    expect(seen.size).toBe(50)
    expect(b.gossip.stats().dropped['handler-queue-full']).toBeGreaterThan(0)
  })
})
