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
  let buffer: Uint8Array | undefined = new Uint8Array(2 ** 26)
  expect(liveBytes() - before).toBeGreaterThan(0.9 * buffer.length)
  buffer = undefined
  expect(liveBytes() - before).toBeLessThan(2 ** 25)
})
