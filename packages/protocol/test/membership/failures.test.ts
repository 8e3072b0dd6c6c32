import { describe, expect, it } from 'vitest'
import { Failures } from '../../src/membership/failures.ts'

const all = (): boolean => true

/** Sends `peer` requests that nothing answers, one each 500 ms, while another peer is heard. Returns who failed in each round. */
function unheard(failures: Failures, peer: string, rounds: number, entries = 2): string[][] {
  return Array.from({ length: rounds }, (_, n) => {
    failures.noteAlive('other')
    failures.requested(peer)
    return failures.passed(500 * n, entries, all)
  })
}

describe('a peer', () => {
  it('has failed after as many failed sends in a row as allowed', () => {
    const failures = new Failures(2)
    expect(failures.sendFailed('a')).toBe(false)
    failures.noteAlive('a')
    expect([failures.sendFailed('a'), failures.sendFailed('a')]).toEqual([false, true])
  })

  it('has failed after three unanswered requests in a row', () => {
    expect(unheard(new Failures(2), 'a', 4)).toEqual([[], [], ['a'], ['a']])
  })

  it('has not failed by three requests in less than 800 ms', () => {
    const failures = new Failures(2)
    const passed = [0, 300, 799, 800].map((nowMs) => {
      failures.noteAlive('other')
      failures.requested('a')
      return failures.passed(nowMs, 2, all)
    })
    expect(passed).toEqual([[], [], [], ['a']])
  })

  it('has not failed while nobody is heard, unless it is the only one, or for five minutes', () => {
    const silent = (entries: number): string[] => {
      const failures = new Failures(2)
      for (let n = 0; n < 10; n++) {
        failures.requested('a')
        const failed = failures.passed(500 * n, entries, all)
        if (failed.length > 0) return failed
      }
      return []
    }
    expect(silent(2)).toEqual([])
    expect(silent(1)).toEqual(['a'])
    const failures = new Failures(2)
    failures.passed(0, 2, all)
    const late = [0, 500, 1000].map((afterMs) => {
      failures.requested('a')
      return failures.passed(300_000 + afterMs, 2, all)
    })
    expect(late).toEqual([[], [], ['a']])
  })

  it('that left its last request unanswered is a suspect, each in turn', () => {
    const failures = new Failures(2)
    failures.sendFailed('sent in vain')
    for (const peer of ['a', 'b']) failures.requested(peer)
    failures.noteAlive('other')
    failures.passed(0, 3, all)
    expect([failures.suspect(), failures.suspect(), failures.suspect()]).toEqual(['a', 'b', 'a'])
    failures.noteAlive('a')
    failures.keepOnly((peer) => peer !== 'b')
    expect(failures.suspect()).toBeUndefined()
  })
})
