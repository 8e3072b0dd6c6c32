import { describe, expect, it } from 'vitest'
import { judge } from '../src/expectation.ts'
import { EXPECTATIONS } from '../src/expectations.ts'
import { papers, quickScale, type Chapter } from '../src/papers.ts'
import { checkPage } from './check-page.ts'

const SEED = 1

describe(`the papers, quick (again: npm run lab -- papers --quick --seed ${SEED})`, () => {
  const run = (seed: number, only: readonly string[], nodes = 1000): Chapter[] => [
    ...papers({ ...quickScale(seed, () => {}), nodes }, only)
  ]

  it('meet the expectations with a tenth of the nodes: the fast ones', () => {
    const rows = run(SEED, ['baseline', 'edges', 'push', 'churn']).flatMap((each) => each.rows)
    expect(rows.filter(({ status }) => status === 'MISS')).toEqual([])
    expect(rows.length).toBeGreaterThan(12)
  })

  it('give the same figures for the same seed, and others for another', () => {
    const figures = (seed: number): string => JSON.stringify(run(seed, ['baseline', 'push'], 300))
    expect(figures(SEED)).toBe(figures(SEED))
    expect(figures(SEED)).not.toBe(figures(SEED + 1))
  })

  // What comes out with so few nodes is not judged, but all of it is measured. The rounds have no small form.
  it('measure every row, and make a page with all of them and plots with every curve', () => {
    const chapters = run(SEED, ['converged', 'starts', 'spread', 'reach'], 100)
    const rows = chapters.flatMap((chapter) => chapter.rows)
    expect(rows.length).toBeGreaterThan(45)
    expect(rows.filter(({ ours }) => !Number.isFinite(ours))).toEqual([])
    checkPage(chapters, 100)
  })
})

describe('a row', () => {
  const row = (tolerance: Parameters<typeof judge>[0][number]['tolerance'], ours: number) =>
    judge([{ id: 'x', paper: 10, source: '', tolerance }], [{ id: 'x', value: ours }])[0]!.status

  it('misses only beyond its tolerance', () => {
    expect([row({ share: 0.1 }, 11), row({ share: 0.1 }, 11.01), row({ share: 0.1 }, 8.9)]).toEqual(
      ['ok', 'MISS', 'MISS']
    )
    expect([row({ by: 2 }, 8), row({ by: 2 }, 12.1)]).toEqual(['ok', 'MISS'])
    expect([
      row({ atLeast: 5 }, 5),
      row({ atLeast: 5 }, 4.9),
      row({ atMost: 5 }, 5),
      row({ atMost: 5 }, 5.1)
    ]).toEqual(['ok', 'MISS', 'ok', 'MISS'])
    expect([row({ from: 1, to: 2 }, 2), row({ from: 1, to: 2 }, 0.9)]).toEqual(['ok', 'MISS'])
    expect(row({ share: 0.1 }, Number.NaN)).toBe('MISS')
  })

  it('that is only reported never misses, and has a reason', () => {
    expect(
      judge(
        [{ id: 'x', paper: 1, source: '', tolerance: { reported: 'why' } }],
        [{ id: 'x', value: 99 }]
      )[0]
    ).toMatchObject({ status: 'reported', note: 'why' })
  })

  it('whose program is not installed is skipped, not passed', () => {
    expect(
      judge(
        [{ id: 'x', paper: 1, source: '', tolerance: { by: 1 } }],
        [{ id: 'x', value: undefined }]
      )[0]
    ).toMatchObject({ status: 'skipped', tolerance: 'not installed' })
  })

  it('without a measurement is an error', () => {
    expect(() => judge([{ id: 'y', paper: 1, source: '', tolerance: { by: 1 } }], [])).toThrow(
      'nothing was measured'
    )
  })

  it('occurs once in each chapter', () => {
    for (const rows of Object.values(EXPECTATIONS))
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })
})
