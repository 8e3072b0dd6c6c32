/** A thread that runs chapters on request, and reports its progress. */

import { parentPort } from 'node:worker_threads'
import { fullScale, papers, quickScale, type Chapter } from './papers.ts'

/** A request to run a chapter. */
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
