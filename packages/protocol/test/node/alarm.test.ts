import { manualClock } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { Alarm } from '../../src/node/alarm.ts'

function alarmed(): { clock: ReturnType<typeof manualClock>; alarm: Alarm; wakes: number[] } {
  const clock = manualClock()
  const wakes: number[] = []
  return { clock, alarm: new Alarm(clock, () => wakes.push(clock.now())), wakes }
}

it('wakes once at the earliest time that it was set for', async () => {
  const { clock, alarm, wakes } = alarmed()
  const nowMs = clock.now()
  for (const afterMs of [50, 20, 90]) alarm.set(nowMs + afterMs, nowMs)
  expect(clock.pendingWakes).toBe(1)
  await clock.advance(200)
  expect(wakes).toEqual([nowMs + 20])
  alarm.set(nowMs + 250, clock.now())
  await clock.advance(100)
  expect(wakes).toEqual([nowMs + 20, nowMs + 250])
})

it('wakes once at the end of the turn for work that is due, without a timer, and again in another turn', async () => {
  const { clock, alarm, wakes } = alarmed()
  const nowMs = clock.now()
  for (let n = 0; n < 3; n++) alarm.set(nowMs, nowMs)
  expect([wakes.length, clock.pendingWakes]).toEqual([0, 0])
  await Promise.resolve()
  expect(wakes).toEqual([nowMs])
  alarm.set(nowMs, nowMs)
  await Promise.resolve()
  expect(wakes).toEqual([nowMs, nowMs])
})

it('does not wake after it was stopped', async () => {
  const { clock, alarm, wakes } = alarmed()
  alarm.set(clock.now() + 20, clock.now())
  alarm.stop()
  alarm.set(clock.now() + 30, clock.now())
  alarm.set(clock.now(), clock.now())
  await clock.advance(100)
  expect([wakes, clock.pendingWakes]).toEqual([[], 0])
})
