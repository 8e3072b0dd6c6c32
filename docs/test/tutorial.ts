/** Makes a module of the first program in a page of the docs, as it stands there. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { threadId } from 'node:worker_threads'

const docs = fileURLToPath(new URL('../', import.meta.url))

/** The page's first program, what it exports, and the second program. Not kept in git: `docs/test/built` is made anew. */
export async function tutorial(
  page: string
): Promise<{ exports: Record<string, unknown>; code: string; proof: string }> {
  const text = readFileSync(join(docs, page), 'utf8')
  const [code, proof] = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, program]) => program!)
  const folder = join(docs, 'test', 'built')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, page.replace(/\.md$/, '.ts'))
  // In one step: another test may be reading it.
  const draft = `${file}.${process.pid}.${threadId}`
  writeFileSync(draft, code!)
  renameSync(draft, file)
  const exports = (await import(/* @vite-ignore */ file)) as Record<string, unknown>
  return { exports, code: code!, proof: proof! }
}
