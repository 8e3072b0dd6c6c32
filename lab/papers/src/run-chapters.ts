/** Runs the chapters on all processors. They are independent, so the results do not depend on the number of processors. */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ChapterNews, ChapterOrder } from './chapter-thread.ts'
import type { Chapter } from './papers.ts'

/** Runs `orders`, and shows the chapters in order, each as soon as it and all before it are done. */
export async function runChapters(
  orders: readonly ChapterOrder[],
  progress: (doing: string) => void,
  show: (chapter: Chapter) => void
): Promise<Chapter[]> {
  const waiting = [...orders]
  const done = new Map<string, Chapter>()
  let shown = 0
  const work = async (): Promise<void> => {
    const thread = new Worker(new URL('chapter-thread.js', import.meta.url))
    try {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        done.set(order.id, await chapterBy(thread, order, progress))
        while (shown < orders.length && done.has(orders[shown]!.id))
          show(done.get(orders[shown++]!.id)!)
      }
    } finally {
      await thread.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), orders.length) }, work))
  return orders.map(({ id }) => done.get(id)!)
}

function chapterBy(
  thread: Worker,
  order: ChapterOrder,
  progress: (doing: string) => void
): Promise<Chapter> {
  return new Promise((resolve, reject) => {
    thread.removeAllListeners()
    thread.on('error', reject)
    thread.on('exit', () => reject(new Error(`the thread of ${order.id} ended too early`)))
    thread.on('message', (news: ChapterNews) => {
      if (news.kind === 'progress') progress(news.doing)
      else resolve(news.chapter)
    })
    thread.postMessage(order)
  })
}
