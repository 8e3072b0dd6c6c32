/** Every word that the code knows: names and texts in the sources of all workspaces, and the names of files. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { read, root } from '../pages.ts'

const WORKSPACES = ['packages', 'apps', 'examples', 'lab']
const LEFT_OUT = new Set(['node_modules', 'dist', 'built'])

/** Paths from the root of all files but those of builds. */
export const files: readonly string[] = [
  ...readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name),
  ...WORKSPACES.flatMap((folder) => below(folder)),
  ...below('docs'),
  ...below('tools')
]

const sources = files.filter((path) => /\/src\/.*\.ts$/.test(path))
const manifests = files.filter((path) => path.endsWith('package.json'))

/** The sources without comments: what a comment says is prose as well. */
export const code: string = sources
  .map((path) => read(path).replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, ''))
  .join('\n')

const words: ReadonlySet<string> = new Set(
  [code, ...manifests.map((path) => read(path)), ...files].flatMap((text) => wordsOf(text))
)

/** Words of a piece of code, as `camelCase`, `snake_case` or `with-dashes`, of three letters or more. */
export function wordsOf(text: string): string[] {
  return text.match(/[A-Za-z_]\w+(?:-[A-Za-z]\w*)*/g)?.filter((word) => word.length > 2) ?? []
}

/** Whether the word, or each part of one with dashes, stands in a source. */
export function isWord(word: string): boolean {
  return words.has(word)
}

function below(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name)) return []
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? below(path) : [path]
  })
}
