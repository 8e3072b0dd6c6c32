import { describe, expect, it } from 'vitest'
import { DialGuard } from '../src/index.ts'

describe('DialGuard', () => {
  it('dials a host on which no member has answered at most twice a second', () => {
    const guard = new DialGuard(10)
    const dialledMs: number[] = []
    let nowMs = 0
    for (; nowMs <= 10_000; nowMs += 100) {
      guard.release(nowMs)
      for (let port = 0; port < 5; port++) guard.enter('victim', nowMs, () => dialledMs.push(nowMs))
    }
    expect(dialledMs.slice(0, 4)).toEqual([0, 0, 500, 1000])
    expect(dialledMs).toHaveLength(22)
  })

  it('starts all dials at once when a member answers, and from then on', () => {
    const guard = new DialGuard(10)
    let dialled = 0
    for (let port = 0; port < 6; port++) guard.enter('host', 0, () => dialled++)
    expect(dialled).toBe(2)
    guard.proved('host')
    expect(dialled).toBe(6)
    for (let port = 0; port < 100; port++) guard.enter('host', 1, () => dialled++)
    expect(dialled).toBe(106)
  })

  it('counts hosts separately', () => {
    const guard = new DialGuard(10)
    let dialled = 0
    for (let host = 0; host < 10; host++)
      for (let port = 0; port < 3; port++) guard.enter(`${host}`, 0, () => dialled++)
    expect(dialled).toBe(20)
  })

  it('refuses a ninth waiting dial, and accepts another when one is cancelled', () => {
    const guard = new DialGuard(10)
    let dialled = 0
    const entered = Array.from({ length: 11 }, () => guard.enter('host', 0, () => dialled++))
    expect(entered.map((each) => each !== undefined)).toEqual([...Array(10).fill(true), false])
    entered[5]!()
    expect(guard.enter('host', 0, () => dialled++)).toBeDefined()
    guard.proved('host')
    expect(dialled).toBe(10)
  })

  it('remembers a bounded number of hosts of either kind, and cancels no wait for a newcomer', () => {
    const guard = new DialGuard(2)
    let dialled = 0
    const dial = (host: string): unknown => guard.enter(host, 0, () => dialled++)
    for (let port = 0; port < 3; port++) dial('waited for')
    for (let host = 0; host < 100; host++) dial(`${host}`)
    dialled = 0
    guard.proved('waited for')
    expect(dialled).toBe(1)
    for (const host of ['one', 'two']) guard.proved(host)
    dialled = 0
    for (let port = 0; port < 3; port++) dial('waited for')
    expect(dialled).toBe(2)
    for (let port = 0; port < 3; port++) dial('two')
    expect(dialled).toBe(5)
  })

  it('counts the hosts of a crowd as one until a member has answered on each', () => {
    const guard = new DialGuard(10, () => 'names')
    const dialled: string[] = []
    const dial = (host: string): unknown => guard.enter(host, 0, () => dialled.push(host))
    for (const host of ['a', 'b', 'c', 'd', 'c']) dial(host)
    expect(dialled).toEqual(['a', 'b'])
    guard.proved('c')
    expect(dialled).toEqual(['a', 'b', 'c', 'c'])
    dial('c')
    dial('e')
    expect(dialled).toEqual(['a', 'b', 'c', 'c', 'c'])
    guard.release(1000)
    expect(dialled.slice(5)).toEqual(['d', 'e'])
  })
})
