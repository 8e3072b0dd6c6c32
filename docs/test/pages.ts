/** The Markdown files that people read, and what stands in them. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** A fenced block. */
export interface Block {
  readonly language: string
  readonly text: string
}

/** Paths from the root: its own pages, those of `docs`, and every README. */
export function pages(): string[] {
  const inside = (folder: string): string[] =>
    readdirSync(join(root, folder)).map((name) => join(folder, name))
  const readmes = ['packages', 'apps'].flatMap((folder) =>
    inside(folder).map((each) => join(each, 'README.md'))
  )
  return [...inside('.'), ...inside('docs'), ...readmes.filter((path) => exists(path))].filter(
    (path) => path.endsWith('.md')
  )
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export function blocks(path: string): Block[] {
  return [...read(path).matchAll(/^```(\w*).*\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!
  }))
}

function exists(path: string): boolean {
  try {
    read(path)
    return true
  } catch {
    return false
  }
}
