import { describe, expect, test } from 'vitest'
import { jsonCodec } from '../src/index.ts'

/** The limit for a busy machine. The aim is 60 ms, and each takes a few ms at most when measured alone. */
const LONGEST_MS = 60

const codec = jsonCodec()
const utf8 = new TextEncoder()
const KiB = 1024

/** Just within the cap on texts, so that the later checks are tested. */
function filled(before: string, part: string, after: string): Uint8Array {
  const count = Math.floor((256 * KiB - before.length - after.length) / part.length)
  return utf8.encode(before + part.repeat(count) + after)
}

const head = '{"v":1,"kind":"view-request","view":'

const bombs: readonly [string, Uint8Array][] = [
  ['a nest of 10^5 lists', utf8.encode('['.repeat(100_000) + ']'.repeat(100_000))],
  ['a nest of 10^6 lists', utf8.encode('['.repeat(1_000_000))],
  ['a nest of lists as deep as the cap allows', filled('', '[', '')],
  ['a nest inside a message', filled(head, '[', '')],
  ['a nest of objects', filled(head, '{"a":', '')],
  ['10^6 empty lists', utf8.encode(`[${'[],'.repeat(1_000_000)}[]]`)],
  ['as many empty lists as the cap allows', filled(`${head}[`, '[],', '[]]}')],
  ['as many empty objects as the cap allows', filled(`${head}[`, '{},', '{}]}')],
  ['as many zeros as the cap allows', filled(`${head}[`, '0,', '0]}')],
  ['as many keys as the cap allows', filled('{"v":1,"kind":"prune"', ',"":1', '}')],
  ['more keys than any version has', filled('{"v":1,"kind":"prune","tree":1', ',"":1', '}')],
  ['__proto__ again and again', filled('{"v":1', ',"__proto__":{}', '}')],
  ['an age of 256 Ki digits', filled(`${head}[{"address":"h","age":`, '9', '}]}')],
  ['lone surrogates', filled(`${head}[{"age":1,"address":"`, '\\ud800', '"}]}')],
  ['an address of 1 MB', utf8.encode(`${head}[{"age":1,"address":"${'a'.repeat(1_000_000)}"}]}`)],
  ['an address as long as the cap allows', filled(`${head}[{"age":1,"address":"`, 'a', '"}]}')],
  ['an address of escapes', filled(`${head}[{"age":1,"address":"`, '\\\\', '"}]}')],
  ['a string of backslashes without end', filled('"', '\\', '')],
  ['quotes', filled('', '"', '')],
  ['escaped quotes', filled('"', '\\"', '')],
  ['quotes behind many backslashes', filled('"', `${'\\'.repeat(255)}"`, '')],
  ['white space', filled('', ' ', '')],
  [
    'digests of the wrong length',
    filled('{"v":1,"kind":"digest-request","digests":[', '"ab",', '""]}')
  ],
  [
    'a content with wrong padding at its end',
    filled('{"v":1,"kind":"content-response","contents":["', 'AAAA', 'A"]}')
  ]
]

describe('a codec bomb is refused at once', () => {
  test.each(bombs)('%s', (_, bomb) => {
    const prototypeKeys = Reflect.ownKeys(Object.prototype).length
    // The best of three: a pause of the machine is not the codec's.
    const tookMs = Math.min(
      ...[1, 2, 3].map(() => {
        const startMs = performance.now()
        expect(() => codec.decode(bomb)).toThrow(
          expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
        )
        return performance.now() - startMs
      })
    )
    expect(tookMs).toBeLessThan(LONGEST_MS)
    expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototypeKeys)
  })
})
