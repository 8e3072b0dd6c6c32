import { describe, expect, test } from 'vitest'
import { overdue, sweepFor, type ConnectionTimes } from '../src/deadlines.ts'

const deadlines = {
  connectMs: 10,
  helloMs: 20,
  frameMs: 30,
  writeMs: 40,
  idleMs: 100,
  silentMs: 50,
  answerMs: 50,
  firstBackOffMs: 1,
  longestBackOffMs: 1
}
const open: ConnectionTimes = {
  state: 'open',
  sinceMs: 1,
  partialSinceMs: 0,
  writeBegunMs: 0,
  stalledSinceMs: 0,
  lastUsedMs: 1000,
  watched: false,
  connectMs: Infinity
}

describe('deadlines', () => {
  test.each([
    [{ ...open, state: 'connecting' as const, sinceMs: 1000 }, 10, 'connect-late'],
    [{ ...open, state: 'connecting' as const, sinceMs: 1000, connectMs: 7 }, 7, 'connect-late'],
    [{ ...open, state: 'greeting' as const, sinceMs: 1000 }, 20, 'hello-late'],
    [{ ...open, partialSinceMs: 1000 }, 30, 'frame-late'],
    [{ ...open, writeBegunMs: 1000 }, 40, 'write-late'],
    [{ ...open, stalledSinceMs: 1000 }, 40, 'write-late'],
    [open, 100, 'idle']
  ])('%j is overdue after %i ms: %s', (times, afterMs, breach) => {
    expect(overdue(times, deadlines, 1000 + afterMs - 0.5)).toBeUndefined()
    expect(overdue(times, deadlines, 1000 + afterMs)).toBe(breach)
  })

  test('a watched peer may be idle', () => {
    expect(overdue({ ...open, watched: true }, deadlines, 1e9)).toBeUndefined()
  })

  test('after a suspension one sweep is skipped, so that arrived bytes are read first', async () => {
    let sweeps = 0
    let onSweep = (): void => {}
    const next = (): Promise<void> => new Promise((resolve) => (onSweep = resolve))
    // A sweep each 250 ms.
    const names = Object.keys(deadlines) as (keyof typeof deadlines)[]
    const seldom = Object.fromEntries(names.map((name) => [name, 1000])) as typeof deadlines
    const sweep = sweepFor(seldom, () => {
      sweeps++
      onSweep()
      return 0
    })
    await next()
    const before = sweeps
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100)
    // What was due meanwhile has run by then.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(sweeps).toBe(before)
    await next()
    sweep.stop()
  })
})
