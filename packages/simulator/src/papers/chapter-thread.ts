/** A thread that runs chapters one after the other, as it is told which; and tells what it does. */

import { parentPort } from 'node:worker_threads'
import { fullScale, papers, quickScale, type Chapter } from './papers.ts'

/** Which chapter to run, and how. */
export interface ChapterOrder {
  readonly id: string
  readonly quick: boolean
  readonly seed: number
}

export type ChapterNews =
  | { readonly kind: 'progress'; readonly doing: string }
  | { readonly kind: 'chapter'; readonly chapter: Chapter }

const tell = (news: ChapterNews): void => parentPort?.postMessage(news)

parentPort?.on('message', ({ id, quick, seed }: ChapterOrder) => {
  const scale = (quick ? quickScale : fullScale)(seed, (doing) => tell({ kind: 'progress', doing }))
  for (const chapter of papers(scale, [id])) tell({ kind: 'chapter', chapter })
})
