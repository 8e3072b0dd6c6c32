import { describe, expect, test } from 'vitest'
import { scan } from '../src/scan.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
const limits = { maxTextBytes: 1000, maxDigests: 5, maxPeers: 3, maxContents: 4 }

/** What the parser would take: the scan must refuse it before, or its heap is at the mercy of a stranger. */
describe('before anything is parsed', () => {
  test('three levels are let through, four are not', () => {
    expect(scan('[[{}]]', limits)).toEqual({ colons: 0 })
    expect(() => scan('[[{"a":[]}]]', limits)).toThrow(malformed)
  })

  test('levels side by side are not levels on top of one another', () => {
    expect(scan('[{},{},{}]', limits)).toEqual({ colons: 0 })
  })

  test('as many parts as the fullest message has are let through, one more is not', () => {
    // A content and an age for each of four, and some between the keys, for later versions too.
    expect(scan(','.repeat(32 + 8), limits)).toEqual({ colons: 0 })
    expect(() => scan(','.repeat(32 + 9), limits)).toThrow(malformed)
  })

  test('marks inside strings do not count', () => {
    expect(scan('{"[[[[{{{{":"::,,,,,,,,,\\"::[[[[\\\\"}', limits)).toEqual({ colons: 1 })
  })
})
