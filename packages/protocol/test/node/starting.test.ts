import { manualClock } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { GossipError } from '../../src/model/errors.ts'
import { Starting } from '../../src/node/starting.ts'

const never = new Promise<never>(() => {})

it('a step that does not settle in half a minute fails with its code and its name', async () => {
  const clock = manualClock()
  const failed: unknown[] = []
  void new Starting(clock)
    .step(never, 'storage.load', 'STORAGE_FAILED')
    .catch((error) => failed.push(error))
  await clock.advance(29_999)
  expect(failed).toEqual([])
  await clock.advance(1)
  expect(failed).toMatchObject([
    {
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('storage.load did not settle within 30000 ms')
    }
  ])
})

it('a stop ends the running step with its own error', async () => {
  const starting = new Starting(manualClock())
  const step = starting.step(never, 'transport.start', 'TRANSPORT_FAILED')
  const stopped = new GossipError('NOT_RUNNING', 'stopped')
  starting.end(stopped)
  await expect(step).rejects.toBe(stopped)
})
