import { expect, it } from 'vitest'
import { oneViolation } from '../../src/model/violation.ts'

const violation = (reason: string): { kind: string; reason: string } => ({
  kind: 'violation',
  reason
})

it('of the violations of one message, the first one counts; other effects stay in order', () => {
  const send = { kind: 'send' }
  expect(oneViolation([violation('a'), send, violation('b'), send, violation('a')])).toEqual([
    violation('a'),
    send,
    send
  ])
  expect(oneViolation([send, send])).toEqual([send, send])
})
