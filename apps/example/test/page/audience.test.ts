import { describe, expect, it } from 'vitest'
import { Audience } from '../../src/page/audience.ts'

describe('Audience', () => {
  it('tells each viewer all news, in order', async () => {
    const audience = new Audience()
    const [a, b] = [audience.join()!, audience.join()!]
    const waiting = a.next()
    audience.tell('notice', 'one')
    audience.tell('times', [1])
    expect(await waiting).toEqual({ event: 'notice', data: '"one"' })
    expect([await a.next(), await b.next(), await b.next()].map((news) => news!.data)).toEqual([
      '[1]',
      '"one"',
      '[1]'
    ])
  })

  it('keeps for a slow viewer the newest state only, and a bounded number of news', async () => {
    const audience = new Audience()
    const slow = audience.join()!
    for (let count = 0; count < 100; count++) {
      audience.tell('state', count)
      audience.tell('notice', count)
    }
    audience.tell('state', 'last')
    const heard: string[] = []
    for (let count = 0; count < 64; count++) heard.push((await slow.next())!.data)
    expect(heard.at(-1)).toBe('"last"')
    expect(heard[0]).toBe('37')
    expect(heard.slice(0, -1)).toEqual(Array.from({ length: 63 }, (_, index) => `${index + 37}`))
  })

  it('has a limit, and lets go of who leaves', async () => {
    const audience = new Audience()
    const viewers = Array.from({ length: 16 }, () => audience.join()!)
    expect(audience.join()).toBeUndefined()
    const waiting = viewers[0]!.next()
    audience.leave(viewers[0]!)
    expect(await waiting).toBeUndefined()
    expect(audience.join()).toBeDefined()
    audience.close()
    expect(audience.size).toBe(0)
  })
})
