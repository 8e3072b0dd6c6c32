import { describe, expect, it } from 'vitest'
import { judge } from '../../src/papers/expectation.ts'
import { EXPECTATIONS } from '../../src/papers/expectations.ts'
import { pageOf } from '../../src/papers/page.ts'
import { papers, quickScale, type Chapter } from '../../src/papers/papers.ts'
import { svgOf } from '../../src/papers/plot.ts'

const SEED = 1
const chapters: Chapter[] = []

describe(
  `the papers, quick (again: npm run papers -- --quick --seed ${SEED})`,
  { timeout: 120_000 },
  () => {
    it('come out as they should with a tenth of the nodes', () => {
      chapters.push(...papers(quickScale(SEED, () => {})))
      const rows = chapters.flatMap((chapter) => chapter.rows)
      expect(rows.filter(({ verdict }) => verdict === 'MISS')).toEqual([])
      expect(rows.length).toBeGreaterThan(50)
    })

    it('give the same figures again for the same seed, others for another', () => {
      const run = (seed: number): Chapter[] => [
        ...papers(
          quickScale(seed, () => {}),
          ['baseline', 'edges']
        )
      ]
      expect(JSON.stringify(run(SEED))).toBe(JSON.stringify(run(SEED)))
      expect(JSON.stringify(run(SEED))).not.toBe(JSON.stringify(run(SEED + 1)))
    })

    it('make a page with every row, and plots with every curve', () => {
      const page = pageOf(chapters, { seed: SEED, nodes: 1000, viewSize: 30 })
      for (const { id } of chapters.flatMap(({ rows }) => rows)) expect(page).toContain(`| ${id} |`)
      const plots = chapters.flatMap((chapter) => chapter.plots)
      expect(plots.map(({ id }) => id)).toEqual([
        'degree',
        'correlation',
        'removal',
        'healing',
        'reach',
        'regain'
      ])
      for (const plot of plots) {
        const svg = svgOf(plot)
        expect(svg).toMatch(/^<svg xmlns|^<svg .*xmlns=/)
        for (const { name } of plot.ours) expect(svg).toContain(`>${name}</text>`)
        if (plot.paper.length > 0) expect(svg.match(/<circle/g)!.length).toBeGreaterThan(10)
      }
    })
  }
)

describe('a row', () => {
  const row = (tolerance: Parameters<typeof judge>[0][number]['tolerance'], ours: number) =>
    judge([{ id: 'x', paper: 10, source: '', tolerance }], [{ id: 'x', value: ours }])[0]!.verdict

  it('misses beyond its tolerance, and only there', () => {
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

  it('that is only reported never misses, and says why', () => {
    expect(
      judge(
        [{ id: 'x', paper: 1, source: '', tolerance: { reported: 'why' } }],
        [{ id: 'x', value: 99 }]
      )[0]
    ).toMatchObject({ verdict: 'reported', note: 'why' })
  })

  it('whose program is not installed is skipped, and does not read as passed', () => {
    expect(
      judge(
        [{ id: 'x', paper: 1, source: '', tolerance: { by: 1 } }],
        [{ id: 'x', value: undefined }]
      )[0]
    ).toMatchObject({ verdict: 'skipped', tolerance: 'not installed' })
  })

  it('that nothing was measured for is an error, not a pass', () => {
    expect(() => judge([{ id: 'y', paper: 1, source: '', tolerance: { by: 1 } }], [])).toThrow(
      'nothing was measured'
    )
  })

  it('stands once in each chapter', () => {
    for (const rows of Object.values(EXPECTATIONS))
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  })
})
