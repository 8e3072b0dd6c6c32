import { fromString } from 'uint8arrays'
import { describe, expect, it } from 'vitest'
import { decodeLine, encodeLine } from '../../src/chat/chat-line.ts'

const line = { author: '127.0.0.1:9000', text: 'grüß dich 👋' }

describe('a line of the chat', () => {
  it('arrives as it was', () => {
    expect(decodeLine(encodeLine(line))).toEqual(line)
  })

  it('is another update each time', () => {
    expect(encodeLine(line)).not.toEqual(encodeLine(line))
  })

  it('cannot steer a terminal', () => {
    const evil = encodeLine({
      author: '\u001B]0;owned\u0007',
      text: 'a\u001B[2Jb\rc\nd\u009Be\u202Ef\ttab\u2028'
    })
    expect(decodeLine(evil)).toEqual({
      author: '\uFFFD]0;owned\uFFFD',
      text: 'a\uFFFD[2Jb\uFFFDc\uFFFDd\uFFFDe\uFFFDf tab\uFFFD'
    })
  })

  it.each([
    'hello',
    '',
    '{',
    'null',
    '7',
    '[]',
    '{}',
    '{"author":"a"}',
    '{"author":1,"text":"b"}',
    '{"author":"","text":"b"}',
    '{"author":"a","text":{}}'
  ])('is not %j', (text) => {
    expect(decodeLine(fromString(text))).toBeUndefined()
  })

  it('is not any bytes', () => {
    expect(decodeLine(Uint8Array.of(0xff, 0, 0x80))).toBeUndefined()
  })
})
