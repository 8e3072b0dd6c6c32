/** Writes the chapters as a page of the docs, for somebody who has not read the papers. */

import type { Row } from './expectation.ts'
import type { Chapter } from './papers.ts'

const INTRODUCTION = `# The papers, reproduced

This page is written by \`npm run lab -- papers\`; do not edit it. Seed {seed}, {nodes} nodes, views of {viewSize} entries.

Gossip has been studied for decades, and the papers say in figures what a correct implementation does. Here the engine
that runs in production, not a model of it, is put through their experiments, thousands of nodes in one process.

How to read it:
- A *view* is the short list of other nodes that a node knows. In each *cycle* every node opens one exchange, in which two
  nodes trade parts of their views. The *overlay* is the graph of who knows whom.
- *paper* is the figure that was published, *ours* what came out here, *allowed* how far the two may be apart. Tolerances
  were set before the first run and none was made wider. **MISS** means that we are further off; then the command fails.
- *reported* means that the row is shown but not asserted, with the reason below the table: rows that are known not to
  follow from the paper's text, the few that missed, and those that are there to compare.
- In the plots, lines are ours and circles are the paper's.

Papers: Jelasity, Voulgaris, Guerraoui, Kermarrec and van Steen, *Gossip-based peer sampling*, ACM TOCS 25(3), 2007 (all
figures and tables named here are of this one unless said otherwise); Demers et al., *Epidemic algorithms for replicated
database maintenance*, 1987; Karp et al., *Randomized rumor spreading*, 2000; Doerr and Kostrygin, *Randomized rumor
spreading revisited*, 2017; Leitao, Pereira and Rodrigues, *HyParView: a membership protocol for reliable gossip-based
broadcast*, 2007.
`

/** The page; plots are linked as files in the folder `papers` beside it. */
export function pageOf(
  chapters: readonly Chapter[],
  scale: { readonly seed: number; readonly nodes: number; readonly viewSize: number }
): string {
  const rows = chapters.flatMap((chapter) => chapter.rows)
  const introduction = INTRODUCTION.replace('{seed}', String(scale.seed))
    .replace('{nodes}', scale.nodes.toLocaleString('en'))
    .replace('{viewSize}', String(scale.viewSize))
  return [introduction, `${totals(rows)}\n`, ...chapters.map(chapterOf)].join('\n')
}

/** How many rows came out how. */
export function totals(rows: readonly Row[]): string {
  const count = (verdict: Row['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length
  return `${count('ok')} rows as in the papers, ${count('MISS')} missed, ${count('reported')} reported without being asserted, ${count('skipped')} skipped.`
}

function chapterOf({ title, story, rows, plots }: Chapter): string {
  return [
    `## ${title}`,
    `${story}\n`,
    ...plots.map((plot) => `![${plot.title}](papers/${plot.id}.svg)\n`),
    '| what | paper | ours | allowed | verdict | where |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${cells(row).join(' | ')} |`),
    '',
    ...notes(rows)
  ].join('\n')
}

/** Why rows are not asserted: each reason once. */
function notes(rows: readonly Row[]): string[] {
  const idsByNote = new Map<string, string[]>()
  for (const { id, note } of rows)
    if (note !== undefined) idsByNote.set(note, [...(idsByNote.get(note) ?? []), id])
  return [...idsByNote].map(
    ([note, ids]) => `Not asserted, ${ids.length === 1 ? ids[0] : `${ids.length} rows`}: ${note}.\n`
  )
}

/** A row as words: what, paper, ours, allowed, verdict, where. */
export function cells({ id, paper, ours, tolerance, verdict, source }: Row): string[] {
  return [
    id,
    String(paper),
    figure(ours),
    tolerance,
    verdict === 'MISS' ? '**MISS**' : verdict,
    source
  ]
}

function figure(value: number | undefined): string {
  if (value === undefined) return '-'
  if (!Number.isFinite(value)) return 'never'
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))
}
