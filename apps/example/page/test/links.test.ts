import { describe, expect, it } from 'vitest'
import { ENTRIES_DRAWN, linksOf, SMALL_GROUP, visibleNodes } from '../src/links.ts'
import { stateOf } from './state.ts'

describe('visibleNodes', () => {
  it('shows a dead node until nobody has it in its view any more', () => {
    expect(visibleNodes(stateOf([[1, 2], [0], undefined]))).toEqual([0, 1, 2])
    expect(visibleNodes(stateOf([[1], [0], undefined]))).toEqual([0, 1])
  })
})

describe('linksOf', () => {
  it('draws one line for a pair, whoever has the other in its view', () => {
    expect(linksOf(stateOf([[1, 2], [0], []]))).toEqual([
      [0, 1],
      [0, 2]
    ])
  })

  it('draws nothing of the dead, nor of earlier lives', () => {
    expect(linksOf(stateOf([[-2], undefined, [0]]))).toEqual([[0, 2]])
  })

  it('draws a part of each view in a large group, and the same one whatever else changes', () => {
    const count = SMALL_GROUP + 1
    const views = Array.from({ length: count }, (_, number) => {
      return Array.from({ length: count }, (_unused, other) => other).filter(
        (other) => other !== number
      )
    })
    const links = linksOf(stateOf(views)).map((link) => link.join())
    expect(links.length).toBeLessThanOrEqual(count * ENTRIES_DRAWN)
    expect(links.length).toBeGreaterThan(count)
    const shuffled = linksOf(stateOf(views.map((view) => view.toReversed()))).map((link) =>
      link.join()
    )
    expect(shuffled.sort()).toEqual(links.sort())
  })
})
