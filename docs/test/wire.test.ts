import { readFileSync } from 'node:fs'
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
