import { describe, expect, test, vi } from 'vitest'
import { nowMs, overdue, startSweep, type LaneTimes } from '../src/deadlines.ts'

const deadlines = {
  connectMs: 10,
  helloMs: 20,
  frameMs: 30,
  writeMs: 40,
  idleMs: 100,
  firstBackOffMs: 1,
  longestBackOffMs: 1
}
const open: LaneTimes = {
  state: 'open',
  sinceMs: 1,
  frameBegunMs: 0,
  writeBegunMs: 0,
  lastUsedMs: 1000
}

describe('deadlines', () => {
  test.each([
    [{ ...open, state: 'connecting' as const, sinceMs: 1000 }, 10, 'connect-late'],
    [{ ...open, state: 'greeting' as const, sinceMs: 1000 }, 20, 'hello-late'],
    [{ ...open, frameBegunMs: 1000 }, 30, 'frame-late'],
    [{ ...open, writeBegunMs: 1000 }, 40, 'write-late'],
    [open, 100, 'idle']
  ])('%j is overdue after %i ms: %s', (times, afterMs, breach) => {
    expect(overdue(times, deadlines, 1000 + afterMs - 0.5)).toBeUndefined()
    expect(overdue(times, deadlines, 1000 + afterMs)).toBe(breach)
  })

  test('whoever slept reads first what came in meanwhile: one sweep is left out', async () => {
    const sweptMs: number[] = []
    const stop = startSweep({ ...deadlines, connectMs: 40, helloMs: 40, frameMs: 40 }, (now) => {
      sweptMs.push(now)
    })
    await vi.waitFor(() => expect(sweptMs.length).toBeGreaterThan(0), { interval: 1 })
    const awakeMs = nowMs() + 60
    while (nowMs() < awakeMs);
    const before = sweptMs.length
    await vi.waitFor(() => expect(sweptMs.length).toBeGreaterThan(before), { interval: 1 })
    stop()
    expect(sweptMs[before]! - awakeMs).toBeGreaterThan(5)
  })
})
