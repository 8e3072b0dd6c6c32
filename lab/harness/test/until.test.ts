import { expect, it } from 'vitest'
import { until } from '../src/until.ts'

it('returns true as soon as the condition holds', async () => {
  let looks = 0
  expect(await until(() => ++looks === 3, 60_000, 1)).toBe(true)
  expect(looks).toBe(3)
})

it('returns false when the condition does not hold in time', async () => {
  expect(await until(() => false, 5, 1)).toBe(false)
})
