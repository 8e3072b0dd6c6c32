import { describe, expect, test } from 'vitest'
import { scan } from '../src/scan.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
const limits = { maxTextBytes: 1000, maxDigests: 5, maxPeers: 3, maxContents: 4 }

/** Texts that the parser accepts. The scan must refuse them before, or a peer can exhaust the heap. */
describe('before anything is parsed', () => {
  test('three levels are accepted, four are not', () => {
    expect(scan('[[{}]]', limits)).toEqual({ colons: 0 })
    expect(() => scan('[[{"a":[]}]]', limits)).toThrow(malformed)
  })

  test('adjacent lists do not count as nested', () => {
    expect(scan('[{},{},{}]', limits)).toEqual({ colons: 0 })
  })

  test('the highest number of parts of a message is accepted, one more is not', () => {
    // A content and an age for each of four, and some between the keys, for later versions too.
    expect(scan(','.repeat(32 + 8), limits)).toEqual({ colons: 0 })
    expect(() => scan(','.repeat(32 + 9), limits)).toThrow(malformed)
  })

  test('punctuation inside strings does not count', () => {
    expect(scan('{"[[[[{{{{":"::,,,,,,,,,\\"::[[[[\\\\"}', limits)).toEqual({ colons: 1 })
  })
})
