import type { Connection } from '@libp2p/interface'
import { expect, it } from 'vitest'
import { LABEL_PROTOCOL } from '../src/labels.ts'
import { isUsed, isUsedByOthers, markUsed } from '../src/used-connections.ts'

const GROUP = '/rumormill/1/group/binary'
const connectionWith = (...protocols: readonly (string | undefined)[]): Connection =>
  ({ streams: protocols.map((protocol) => ({ protocol })) }) as unknown as Connection

it('a connection is used by a protocol of the caller, or once it was marked', () => {
  expect(isUsed(connectionWith())).toBe(false)
  expect(isUsed(connectionWith(GROUP, LABEL_PROTOCOL, '', undefined))).toBe(false)
  expect(isUsed(connectionWith(GROUP, '/ping/1.0.0'))).toBe(true)
  const marked = connectionWith(GROUP)
  markUsed(marked)
  expect(isUsed(marked)).toBe(true)
})

it('others use a connection by another group or another protocol, not by the exchange of labels', () => {
  expect(isUsedByOthers(connectionWith(GROUP, LABEL_PROTOCOL, ''), GROUP)).toBe(false)
  expect(isUsedByOthers(connectionWith('/rumormill/1/other/binary'), GROUP)).toBe(true)
  expect(isUsedByOthers(connectionWith('/ping/1.0.0'), GROUP)).toBe(true)
})
