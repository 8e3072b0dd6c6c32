import { manualClock } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { GossipError } from '../../src/model/errors.ts'
import { Deadlines } from '../../src/options/deadlines.ts'

const late = (): GossipError => new GossipError('TIMED_OUT', 'late')
const stopped = new GossipError('NOT_RUNNING', 'stopped')
const never = (): Promise<never> => new Promise(() => {})

it('settles as the work does, and leaves no timer', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(clock)
  const broken = (): never => {
    throw stopped
  }
  await expect(deadlines.run(1000, () => 1, late)).resolves.toBe(1)
  await expect(deadlines.run(1000, Promise.resolve(2), late)).resolves.toBe(2)
  await expect(deadlines.run(1000, () => Promise.reject(stopped), late)).rejects.toBe(stopped)
  await expect(deadlines.run(1000, broken, late)).rejects.toBe(stopped)
  expect(clock.pendingWakes).toBe(0)
})

it('rejects when the work takes longer, not before', async () => {
  const clock = manualClock()
  const outcomes: string[] = []
  void new Deadlines(clock).run(1000, never, late).catch((error) => outcomes.push(error.code))
  await clock.advance(999)
  expect(outcomes).toEqual([])
  await clock.advance(1)
  expect(outcomes).toEqual(['TIMED_OUT'])
})

it('ends every deadline: without an error the work may go on, with one it rejects', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(clock)
  let finish = (_value: string): void => {}
  const patient = deadlines.run(1000, () => new Promise<string>((done) => (finish = done)), late)
  deadlines.end()
  expect(clock.pendingWakes).toBe(0)
  await clock.advance(2000)
  finish('done')
  await expect(patient).resolves.toBe('done')
  const hanging = deadlines.run(1000, never, late)
  deadlines.end(stopped)
  await expect(hanging).rejects.toBe(stopped)
  expect(clock.pendingWakes).toBe(0)
})
