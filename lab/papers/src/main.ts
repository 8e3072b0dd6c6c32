/** `npm run lab -- papers`: runs the papers' experiments, prints the paper's figures beside ours, fails when a row misses. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { integer } from '@rumormill/harness/arguments'
import { endWithReader, printTable, showProgress } from '@rumormill/harness/terminal'
import { cells, pageOf, totals } from './page.ts'
import { EXPERIMENTS, fullScale, type Chapter } from './papers.ts'
import { runChapters } from './run-chapters.ts'

const program = new Command('npm run lab -- papers')
  .description('Runs the experiments of the gossip papers on the production engine.')
  .argument('[experiment...]', `only these: ${EXPERIMENTS.map(({ id }) => id).join(', ')}`)
  .option('--quick', 'run 1,000 nodes with their own expectations, in half a minute')
  .option('--seed <number>', 'the seed, which determines the whole run', integer, 1)
  .option('--json', 'print one JSON object per line instead of tables')
  .option(
    '--out <folder>',
    'the folder of the page, written after a complete run at full size',
    'docs'
  )
  .action(async (only, { quick = false, seed, json = false, out }) => {
    const unknown = only.filter((id) => EXPERIMENTS.every((experiment) => experiment.id !== id))
    if (unknown.length > 0) program.error(`error: no experiment is called ${unknown.join(', ')}`)
    const progress = showProgress(json)
    const orders = EXPERIMENTS.map(({ id }) => ({ id, quick, seed })).filter(
      ({ id }) => only.length === 0 || only.includes(id)
    )
    const chapters = await runChapters(orders, progress.show, (chapter) => {
      progress.clear()
      print(chapter, json)
    })
    if (!quick && only.length === 0)
      await write(
        out,
        chapters,
        pageOf(
          chapters,
          fullScale(seed, () => {})
        )
      )
    const rows = chapters.flatMap((chapter) => chapter.rows)
    if (!json) process.stdout.write(`\n${totals(rows)}\n`)
    const missed = rows.some(({ status }) => status === 'MISS')
    if (missed)
      process.stderr.write(
        `Again: npm run lab -- papers ${[...only, ...(quick ? ['--quick'] : [])].join(' ')} --seed ${seed}\n`
      )
    process.exitCode = missed ? 1 : 0
  })

function print({ id, title, rows }: Chapter, json: boolean): void {
  if (json) {
    for (const row of rows) process.stdout.write(`${JSON.stringify({ experiment: id, ...row })}\n`)
    return
  }
  process.stdout.write(`\n# ${title}\n`)
  printTable(['what', 'paper', 'ours', 'allowed', 'result', 'where'], rows.map(cells))
}

/** Writes the page and the plots. Imports the libraries of the plots here, so that help and quick runs do not load them. */
async function write(folder: string, chapters: readonly Chapter[], page: string): Promise<void> {
  const { svgOf } = await import('@rumormill/harness/plot')
  mkdirSync(join(folder, 'papers'), { recursive: true })
  writeFileSync(join(folder, 'papers.md'), page)
  for (const plot of chapters.flatMap(({ plots }) => plots)) {
    writeFileSync(join(folder, 'papers', `${plot.id}.svg`), svgOf(plot))
  }
}

endWithReader()
await program.parseAsync()
