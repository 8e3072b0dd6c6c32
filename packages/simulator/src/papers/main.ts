/** `npm run lab -- papers`: runs the papers' experiments, prints paper and ours side by side, fails when a row misses. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import { integer } from '../arguments.ts'
import { endWithReader, printTable, showProgress } from '../terminal.ts'
import { cells, pageOf, totals } from './page.ts'
import { EXPERIMENTS, fullScale, type Chapter } from './papers.ts'
import { runChapters } from './run-chapters.ts'

const program = new Command('npm run lab -- papers')
  .description('Runs the experiments of the gossip papers on the production engine.')
  .argument('[experiment...]', `only these: ${EXPERIMENTS.map(({ id }) => id).join(', ')}`)
  .option('--quick', '1,000 nodes and expectations of their own, in half a minute')
  .option('--seed <number>', 'decides the whole run', integer, 1)
  .option('--json', 'one object per line instead of tables')
  .option('--out <folder>', 'where the page is written after a whole run at full size', 'docs')
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
    const missed = rows.some(({ verdict }) => verdict === 'MISS')
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
  printTable(['what', 'paper', 'ours', 'allowed', 'verdict', 'where'], rows.map(cells))
}

/** The plots' libraries are imported here, so that help and quick runs do not wait for them. */
async function write(folder: string, chapters: readonly Chapter[], page: string): Promise<void> {
  const { svgOf } = await import('./plot.ts')
  mkdirSync(join(folder, 'papers'), { recursive: true })
  writeFileSync(join(folder, 'papers.md'), page)
  for (const plot of chapters.flatMap(({ plots }) => plots)) {
    writeFileSync(join(folder, 'papers', `${plot.id}.svg`), svgOf(plot))
  }
}

endWithReader()
await program.parseAsync()
