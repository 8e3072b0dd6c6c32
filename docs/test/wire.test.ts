import { readFileSync } from 'node:fs'
import { FIELDS, MESSAGES, type FieldName, type MessageKind } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'

interface Vector {
  readonly name: string
  readonly binary: string
  readonly json: string
}

const page = readFileSync(new URL('../wire.md', import.meta.url), 'utf8')
const { messages } = JSON.parse(
  readFileSync(new URL('../wire-vectors.json', import.meta.url), 'utf8')
) as {
  messages: readonly Vector[]
}

/** The vectors that the page shows: a comment with format and name, then a block of text. */
const shown = [...page.matchAll(/<!-- vector: (binary|json), (.*) -->\n+```\w+\n([^`]*)```/g)].map(
  ([, format, name, block]) => ({ format: format as 'binary' | 'json', name: name!, block: block! })
)

/** The bytes at the start of each line; what follows them is explanation. */
function hexOf(block: string): string {
  return block
    .split('\n')
    .map((line) => /^(?:[0-9a-f]{2} {1,2})*[0-9a-f]{2}(?= |$)/.exec(line)?.[0] ?? '')
    .join('')
    .replaceAll(' ', '')
}

describe('docs/wire.md', () => {
  test('shows vectors of both formats', () => {
    expect(page.match(/<!-- vector:/g)).toHaveLength(shown.length)
    expect(new Set(shown.map(({ format }) => format))).toEqual(new Set(['binary', 'json']))
  })

  test.each(shown)('shows "$name" in $format as the vectors have it', ({ format, name, block }) => {
    const vector = messages.find((message) => message.name === name)!
    expect(format === 'binary' ? hexOf(block) : JSON.stringify(JSON.parse(block))).toBe(
      vector[format]
    )
  })
})

describe('docs/wire.md says of every message what the code says', () => {
  const kinds = Object.keys(MESSAGES) as MessageKind[]

  test.each(kinds)('the number of %s', (kind) => {
    const number = MESSAGES[kind].number.toString(16).padStart(2, '0')
    expect(page).toContain(`| \`${number}\` | \`${kind}\` |`)
  })

  /** How the page names each field; contents have their ages with them. */
  const NAMES: Readonly<Record<FieldName, string>> = {
    view: 'a list of peers: address and age',
    digests: 'a list of digests',
    contents: 'a list of contents',
    ages: 'with the age of each',
    tree: 'a tree',
    check: 'a check',
    fingerprint: 'a fingerprint',
    updates: 'the number of active updates',
    first: 'the index of the first',
    count: 'the number of symbols requested',
    symbols: 'symbols',
    ids: 'short ids'
  }
  test.each(kinds)('the fields of %s, in order', (kind) => {
    const row = page
      .split('\n')
      .find((line) => line.startsWith('| `') && line.includes(`\`${kind}\``))!
    const positions = MESSAGES[kind].fields.map((name) => row.lastIndexOf(NAMES[name]))
    expect(positions).not.toContain(-1)
    expect(positions).toEqual(positions.toSorted((a, b) => a - b))
  })

  test.each(Object.entries(FIELDS))('the limit of %s', (_name, { most }) => {
    expect(page.replaceAll(',', '')).toContain(String(most))
  })
})
