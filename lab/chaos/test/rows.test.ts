import { duration } from '@rumormill/harness/figure'
import { simulate } from '@rumormill/simulator'
import { expect, test } from 'vitest'
import { lineOf, textOf, type RowReport } from '../src/line.ts'
import { boundRounds, type Row, type RowResult } from '../src/row.ts'
import { rows } from '../src/rows.ts'
import { DeliveryLog, balance, contentOf, Submissions } from '../src/submissions.ts'

const row: Row = { number: 99, name: 'a row', mode: 'V', run: () => result }
const result: RowResult = {
  load: 'some',
  faults: 'none',
  badInputs: 0,
  lost: 0,
  duplicates: 0,
  figures: [duration('slowest', 1234, { limit: 2000 })],
  complaints: []
}
const report: RowReport = { result, unhandled: [], leakedHandles: [], heapLeftBytes: 0 }

test('the list is complete: each of the 39 rows once', () => {
  const numbers = rows.map(({ number }) => number)
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 39 }, (_, index) => index + 1))
})

test('a row without complaints passes', () => {
  expect(lineOf(row, 1, 2, report)).toMatchObject({ row: 99, status: 'passed', note: '' })
})

test.each([
  ['lost', { ...report, result: { ...result, lost: 1 } }, /^$/],
  ['duplicates', { ...report, result: { ...result, duplicates: 1 } }, /^$/],
  ['complaints', { ...report, result: { ...result, complaints: ['late'] } }, /^late$/],
  ['an unhandled rejection', { ...report, unhandled: ['oh'] }, /unhandled: oh/],
  ['a leaked handle', { ...report, leakedHandles: ['TCPSocketWrap'] }, /left open: TCPSocketWrap/],
  ['a heap that grew', { ...report, heapLeftBytes: 2 ** 30 }, /heap/],
  ['a throw', { ...report, result: undefined, unhandled: ['Error: oh'] }, /Error: oh/],
  ['a process that died', undefined, /died/]
])('a row fails for %s', (_, failed, note) => {
  expect(lineOf(row, 1, 2, failed)).toMatchObject({
    status: 'failed',
    note: expect.stringMatching(note)
  })
})

test('a row that misses a goal does not pass, and one that also loses updates fails', () => {
  const misses = ['too slow']
  expect(lineOf(row, 1, 2, { ...report, result: { ...result, misses } })).toMatchObject({
    status: 'missed',
    note: 'too slow'
  })
  expect(lineOf(row, 1, 2, { ...report, result: { ...result, misses, lost: 1 } })).toMatchObject({
    status: 'failed'
  })
})

test('what failed is printed before the figures', () => {
  const line = lineOf(row, 1, 2, { ...report, result: { ...result, complaints: ['late'] } })
  expect(textOf(line)).toMatch(/\| late; slowest 1\.23 s, limit 2 s$/)
})

test('a row that cannot run here names the missing requirement', () => {
  const line = lineOf(row, 1, 2, { ...report, result: { skipped: 'no ip' } })
  expect(line).toMatchObject({ status: 'skipped', note: 'no ip' })
  expect(textOf(line)).toBe('99 V skipped a row: no ip')
})

test('B(N) is that of the list', () => {
  expect([boundRounds(20), boundRounds(1000)]).toEqual([14, 24])
})

test('submissions and delivery logs show lost and duplicate updates', () => {
  let submissions!: Submissions
  const { apps } = simulate<DeliveryLog>({
    nodes: 5,
    durationMs: 20_000,
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      stage.at(2000, () => submissions.submit(1))
      stage.at(10_000, () => {
        stage.partition([
          [0, 1, 2],
          [3, 4]
        ])
        submissions.submit(0)
        stage.app(2).onUpdate({ digest: '', content: contentOf(0, 64) })
      })
    }
  })
  expect(balance(submissions, apps.values())).toEqual({ lost: 2, duplicates: 1 })
  expect(submissions.completeMs(apps.get(3)!)).toBe(Infinity)
  expect(submissions.missing(apps.get(2)!, 2001)).toBe(2)
})
