/** Names in inline code that are of the code: words, quoted values, counters, files, exports. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../pages.ts'
import { inlineCode } from './inline-code.ts'
import { code as sources, files, isWord, wordsOf } from './vocabulary.ts'

/** Words in `prose` that stand in no source, nor in the fenced blocks of the page, nor in `allowed`. */
export function unknownWords(
  prose: string,
  blocks: string,
  allowed: Readonly<Record<string, string>>
): string[] {
  const shown = new Set(wordsOf(blocks))
  return inlineCode(prose)
    .filter((code) => !isCommand(code) && !isPath(code))
    .flatMap(wordsOf)
    .filter((word) => !isWord(word) && !shown.has(word) && !Object.hasOwn(allowed, word))
}

/** Quoted words, such as `'wan'`, that no source quotes. */
export function unknownTexts(prose: string, blocks: string): string[] {
  return inlineCode(prose)
    .filter((code) => !isCommand(code))
    .flatMap((code) => code.match(/'[\w-]+'/g) ?? [])
    .filter((text) => !sources.includes(text) && !blocks.includes(text))
}

/** `dropped.x`, `dropped[x]`, `refused['x']`, `stats().x` that are not in `counters`. */
export function unknownCounters(prose: string, counters: readonly string[]): string[] {
  return inlineCode(prose)
    .flatMap((code) => [
      ...code.matchAll(/(?:dropped|refused)(?:\.|\[')([\w-]+)/g),
      ...code.matchAll(/stats\(\)\.(\w+)/g)
    ])
    .map(([, name]) => name!)
    .filter((name) => !counters.includes(name))
}

/** Paths that lead to no file, from the root or as the end of one, and are not in `allowed`. */
export function unknownPaths(prose: string, allowed: Readonly<Record<string, string>>): string[] {
  return inlineCode(prose)
    .filter(isPath)
    .filter((path) => !existsSync(join(root, path)) && !Object.hasOwn(allowed, path))
    .filter((path) => !files.some((file) => file.endsWith(`/${path}`)))
}

/** Options of programs, such as `--nodes`, that no program has. */
export function unknownSwitches(prose: string): string[] {
  return inlineCode(prose)
    .filter((code) => !isCommand(code))
    .flatMap((code) => code.match(/(?<=^|\s)--[a-z-]+/g) ?? [])
    .filter((name) => name !== '--help' && !new RegExp(`${name}(?![\\w-])`).test(sources))
}

export function isCommand(code: string): boolean {
  return /(^|[ '=])(npm|npx|node) /.test(code)
}

function isPath(code: string): boolean {
  return /^[\w./-]+\.(ts|mjs|js|json|md)$/.test(code)
}
