import { describe, expect, it } from 'vitest'
import { differing, kinds, type Sent } from './pair.ts'

describe('an exchange of many turns', () => {
  const small = { maxDigestsPerMessage: 20 }

  it('resumes where it was when answers are lost', () => {
    const pair = differing(300, 400, small)
    let answers = 0
    pair.fault = ({ kind, message }) =>
      kind === 'sketch-response' && ++answers % 3 === 0 ? undefined : message
    const sent = Array.from({ length: 150 }, () => pair.rounds(2)).flat()
    expect([pair.active('a'), pair.active('b')]).toEqual([700, 700])
    expect(kinds(sent)).not.toContain('digest-request')
  })

  it('requests what it found missing until all has arrived, without more symbols', () => {
    const pair = differing(300, 200, small)
    let sent: Sent[] = []
    while (!kinds(sent).includes('difference-request')) sent = pair.round('a')
    // Twelve messages of short ids, after one exchange.
    expect(kinds(sent).filter((kind) => kind === 'difference-request').length).toBeGreaterThan(10)
    expect(pair.delivered.a).toHaveLength(100)
  })

  it('ends when the peer stops answering', () => {
    const pair = differing(300, 400, small)
    let answers = 0
    pair.fault = ({ kind, message }) =>
      kind === 'sketch-response' && ++answers > 3 ? undefined : message
    const sent = Array.from({ length: 40 }, () => {
      pair.nowMs += 4000
      return pair.round('a')
    }).flat()
    expect(kinds(sent).filter((kind) => kind === 'sketch-request').length).toBeLessThan(120)
    expect(kinds(sent)).toContain('digest-request')
  })
})
