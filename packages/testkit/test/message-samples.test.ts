import { FIELDS, MESSAGES, type FieldName, type MessageKind } from '@rumormill/protocol/plugin'
import { expect, it } from 'vitest'
import { edgeMessages } from '../src/index.ts'

const KINDS = Object.keys(MESSAGES) as MessageKind[]

/** All values of one field, in the messages of one kind. */
function valuesOf(kind: MessageKind, name: FieldName): unknown[] {
  return edgeMessages()
    .filter((message) => message.kind === kind)
    .flatMap((message) => (message as Partial<Record<FieldName, unknown>>)[name])
}

it.each(KINDS)('the edge messages have both ends of each number of a %s', (kind) => {
  const names: readonly FieldName[] = MESSAGES[kind].fields
  const ofNumbers = names.filter((name) => ['number', 'ages'].includes(FIELDS[name].type))
  for (const name of ofNumbers)
    expect(valuesOf(kind, name)).toEqual(
      expect.arrayContaining([0, 1, 63, 64, 127, 128, FIELDS[name].most - 1, FIELDS[name].most])
    )
  expect(edgeMessages().some((message) => message.kind === kind)).toBe(true)
})

it.each(KINDS)('no two numbers of a %s are always equal', (kind) => {
  const names: readonly FieldName[] = MESSAGES[kind].fields
  const numbers = names.filter((name) => FIELDS[name].type === 'number')
  const columns = numbers.map((name) => JSON.stringify(valuesOf(kind, name)))
  expect(new Set(columns).size).toBe(columns.length)
})
