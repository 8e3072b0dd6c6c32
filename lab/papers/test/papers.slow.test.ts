/** The papers with a tenth of the nodes, all of them: papers.test.ts has those that take a second. */

import { expect, it } from 'vitest'
import { papers, quickScale } from '../src/papers.ts'
import { checkPage } from './check-page.ts'

const SEED = 1

it(`come out as they should, and make a page (again: npm run papers -- --quick --seed ${SEED})`, () => {
  const chapters = [...papers(quickScale(SEED, () => {}))]
  const rows = chapters.flatMap((chapter) => chapter.rows)
  expect(rows.filter(({ status }) => status === 'MISS')).toEqual([])
  expect(rows.length).toBeGreaterThan(50)
  checkPage(chapters, 1000)
})
