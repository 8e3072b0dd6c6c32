import { expect, it } from 'vitest'
import { LazyPush } from '../../src/broadcast/lazy-push.ts'
import type { UpdateTrace } from '../../src/broadcast/seen-by.ts'

const traceOf = (key: string): UpdateTrace => ({
  key,
  peers: new Set(),
  tree: undefined,
  from: undefined,
  isPushed: true
})

it('tells peers of higher addresses after lazyMs, and all others after twice as long', () => {
  const lazy = new LazyPush('m', 100, 1000)
  const trace = traceOf('a')
  lazy.add(0, trace)
  expect([lazy.dueMs, lazy.take(99)]).toEqual([100, []])
  const [first, ...none] = lazy.take(100)
  expect(none).toEqual([])
  expect(first!.traces).toEqual([trace])
  expect(['a', 'z'].map(first!.concerns)).toEqual([false, true])
  expect(lazy.dueMs).toBe(200)
  const [second] = lazy.take(200)
  expect(['a', 'z'].map(second!.concerns)).toEqual([true, true])
  expect(lazy.dueMs).toBe(Infinity)
})

it('takes what is due within half of lazyMs along, and leaves the rest', () => {
  const lazy = new LazyPush('m', 100, 1000)
  const traces = [traceOf('at 0'), traceOf('at 50'), traceOf('at 51')]
  ;[0, 50, 51].forEach((atMs, n) => lazy.add(atMs, traces[n]!))
  expect(lazy.take(100)[0]!.traces).toEqual(traces.slice(0, 2))
  expect(lazy.dueMs).toBe(151)
})

it('does nothing where rounds come sooner', () => {
  const lazy = new LazyPush('m', 1000, 1000)
  lazy.add(0, traceOf('a'))
  expect([lazy.dueMs, lazy.take(1e9)]).toEqual([Infinity, []])
})
