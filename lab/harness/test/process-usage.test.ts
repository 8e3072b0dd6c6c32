import { expect, it } from 'vitest'
import { cpuMicros, cpuMicrosOf, liveBytes } from '../src/process-usage.ts'

it('is the processor time of one of several calls', () => {
  let calls = 0
  const beganMicros = cpuMicros()
  const micros = cpuMicrosOf(() => {
    calls++
    for (const endMs = performance.now() + 5; performance.now() < endMs;);
  }, 4)
  expect(calls).toBe(4)
  expect(micros).toBeGreaterThan(0)
  expect(4 * micros).toBeLessThanOrEqual(cpuMicros() - beganMicros)
})

it('counts buffers that are in use, and no others', () => {
  const before = liveBytes()
  const held: Uint8Array[] = []
  // In a function of its own, so that no register of this one still refers to the buffer.
  const hold = (): void => void held.push(new Uint8Array(2 ** 26))
  hold()
  expect(liveBytes() - before).toBeGreaterThan(0.9 * 2 ** 26)
  held.length = 0
  expect(liveBytes() - before).toBeLessThan(2 ** 25)
})
