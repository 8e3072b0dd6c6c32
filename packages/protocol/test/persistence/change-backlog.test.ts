import { expect, it } from 'vitest'
import { ChangeBacklog } from '../../src/persistence/change-backlog.ts'

const digest = (n: number): string => `${n}`.padStart(64, '0')
const update = (n: number) => ({
  digest: digest(n),
  content: Uint8Array.of(n),
  submittedAtMs: 0,
  handled: false
})

it('says of which updates it waits to keep them', () => {
  const backlog = new ChangeBacklog()
  backlog.note({ kind: 'keep', update: update(1) }, true)
  backlog.note({ kind: 'keep', update: update(2) }, true)
  backlog.note({ kind: 'drop', digest: digest(2) }, true)
  backlog.note({ kind: 'remember', digest: digest(3) }, true)
  expect([1, 2, 3, 4].map((n) => backlog.keeps(digest(n)))).toEqual([true, false, false, false])
  backlog.take()
  expect(backlog.keeps(digest(1))).toBe(false)
})
