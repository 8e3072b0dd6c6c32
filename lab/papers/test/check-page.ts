/** What the page of the papers must show. */

import { svgOf } from '@rumormill/harness/plot'
import { expect } from 'vitest'
import { pageOf } from '../src/page.ts'
import type { Chapter } from '../src/papers.ts'

/** Checks that the page has every row of `chapters`, and the plots every curve. */
export function checkPage(chapters: readonly Chapter[], nodes: number): void {
  const page = pageOf(chapters, { seed: 1, nodes, viewSize: 30 })
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
}
