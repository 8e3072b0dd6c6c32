import { expect, it } from 'vitest'
import {
  callable,
  checkEach,
  completeOptions,
  defined,
  flag,
  oneOf,
  orAbsent,
  raised,
  range,
  whole,
  wholeOrInfinity,
  withMethods,
  type Check
} from '../../src/options/checks.ts'

const cases: readonly [string, Check, readonly unknown[], readonly unknown[]][] = [
  ['whole(1, 3)', whole(1, 3), [1, 2, 3], [0, 4, 1.5, '2', NaN, Infinity, undefined]],
  ['wholeOrInfinity(1, 3)', wholeOrInfinity(1, 3), [1, 3, Infinity], [0, 4, -Infinity, NaN, '1']],
  ['range(0, 1)', range(0, 1), [0, 0.5, 1], [-0.1, 1.1, NaN, '0']],
  ["oneOf('a', 'b')", oneOf('a', 'b'), ['a', 'b'], ['c', '', undefined]],
  ['flag', flag, [true, false], [0, 'true', undefined]],
  ['orAbsent(flag)', orAbsent(flag), [true, undefined], [null, 1]],
  ['callable', callable, [() => {}], [{}, undefined]],
  ["withMethods('go')", withMethods('go'), [{ go: () => {} }], [{}, { go: 1 }, null, () => {}]],
  ['raised(9), default 3', (value) => raised(9)(value, 3), [3, 9], [2, 10, 3.5]]
]

it.each(cases)('%s', (_name, check, valid, invalid) => {
  for (const value of valid) expect(check(value)).toBeUndefined()
  for (const value of invalid) expect(check(value)).toMatch(/^must be /)
})

it('names what is wrong: an option that there is not, a part, a missing one', () => {
  const checks = { size: whole(1, 9), parts: (() => '.first must be 1') as Check }
  expect(checkEach('group', { size: 0, parts: [], sizes: 1 }, checks, false)).toEqual([
    'group.sizes is not an option (there are size, parts)',
    'group.size must be an integer from 1 to 9',
    'group.parts.first must be 1'
  ])
  expect(checkEach('', { size: 2 }, { size: whole(1, 9), more: flag }, true)).toEqual([
    'more must be true or false'
  ])
  expect(checkEach('group', 7, checks, false)).toEqual(['group must be an object'])
})

it('completes options; undefined means the default', () => {
  const reasons: string[] = []
  const given = { a: undefined as never, b: 5 }
  expect(completeOptions('', given, { a: 1, b: 2, c: 3 }, whole(0, 4), reasons)).toEqual({
    a: 1,
    b: 5,
    c: 3
  })
  expect(reasons).toEqual(['b must be an integer from 0 to 4'])
  expect(defined({ a: undefined, b: null })).toEqual({ b: null })
})
