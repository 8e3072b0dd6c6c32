/** Keeps words out that the project has given up: docs/test/retired-words.txt. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { read } from './pages.ts'

const OWN = 'docs/test/retired-words.'
const LIST = `${OWN}txt`
/** Folders of what is installed, built or hidden. */
const FOLDERS =
  /^(node_modules|dist|built|report|coverage|site|target|\.(?!ci$|github$|changeset$).*)$/
/** Their words are those of others, or generated. */
const FILES = /^(package-lock\.json|docs\/papers\/)|\.(png|svg|ico|wasm|tsbuildinfo)$/

interface Allowed {
  readonly path: string
  readonly word: string
}

const lines = read(LIST)
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const words = lines
  .filter((line) => !line.startsWith('allow '))
  .map((line) => line.split(/ {2,}/)[0]!)
const allowed: readonly Allowed[] = lines
  .filter((line) => line.startsWith('allow '))
  .map((line) => line.slice('allow '.length).split(/ {2,}/))
  .map(([path, word]) => ({ path: path!, word: word! }))

/** A hyphen or an underscore is part of a word here: `archive-level` is not `archive`, `too-old` is not `old`. */
const pattern = new RegExp(`(?<![\\w-])(?:${words.join('|')})(?![\\w-])`, 'g')

function filesIn(folder: string): string[] {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return FOLDERS.test(entry.name) ? [] : filesIn(path)
    return !entry.isFile() || path.startsWith(OWN) || FILES.test(path) ? [] : [path]
  })
}

function retiredIn(path: string, text: string): string[] {
  return [...text.matchAll(pattern)]
    .map(([word]) => word)
    .filter((word) => !allowed.some((each) => path.startsWith(each.path) && each.word === word))
}

it('notices a word that was retired, and not what contains one', () => {
  expect(retiredIn('a.ts', 'the archive of a plug, too-old')).toEqual([
    'archive',
    'plug',
    'too-old'
  ])
  expect(retiredIn('a.ts', 'archives, unplug, plugin, plug-in')).toEqual([])
  expect(retiredIn('lab/chaos/src/switched-sites.ts', 'plug')).toEqual([])
})

it('no file uses a retired word', () => {
  const files = filesIn('')
  expect(files.length).toBeGreaterThan(500)
  expect(
    files.flatMap((path) =>
      [path, read(path)].flatMap((text) => retiredIn(path, text).map((word) => `${path}: ${word}`))
    )
  ).toEqual([])
})
