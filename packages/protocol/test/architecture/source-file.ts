/** What the architecture rules look at: a source file taken apart into code, imports and length. */

import { posix } from 'node:path'

/** A file under some `src`, and what it says with comments and strings taken out. */
export interface SourceFile {
  /** From the root of the checkout, with slashes: `packages/protocol/src/model/peer.ts`. */
  readonly path: string
  /** The folder above `src`: `packages/protocol`. */
  readonly workspace: string
  readonly lines: number
  /** The text without comments and without what strings say. */
  readonly code: string
  /** As written, types included. */
  readonly imports: readonly string[]
}

export function sourceFile(path: string, text: string): SourceFile {
  const { code, strings } = takeApart(text)
  return {
    path,
    workspace: path.slice(0, path.indexOf('/src/')),
    lines: text.trimEnd().split('\n').length,
    code: code.replace(STRING_MARK, '""'),
    imports: importsOf(code, strings)
  }
}

/** The path that a relative import leads to, or `undefined` for the name of a package. */
export function importedPath(from: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from.path), specifier) : undefined
}

const STRING_MARK = /\uE000(\d+)\uE000/g

// In this order: comments, the three kinds of strings, then regular expressions where no division can stand.
const NOT_CODE = new RegExp(
  [
    String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`,
    String.raw`'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"`,
    '`(?:\\\\[\\s\\S]|[^`\\\\])*`',
    String.raw`(?<=(?:[=(,:\[!&|?{};]|\breturn)\s*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\/\\\n])+\/`
  ].join('|'),
  'g'
)

function takeApart(text: string): { code: string; strings: readonly string[] } {
  const strings: string[] = []
  const code = text.replace(NOT_CODE, (found) => {
    if (found.startsWith('`'))
      return [...found.matchAll(/\$\{([^}]*)\}/g)].map((hole) => ` ${hole[1]!} `).join('')
    if (found.startsWith('/')) return ' '
    strings.push(found.slice(1, -1))
    return `\uE000${strings.length - 1}\uE000`
  })
  return { code, strings }
}

function importsOf(code: string, strings: readonly string[]): string[] {
  const statements = code.matchAll(/\bfrom\s*\uE000(\d+)\uE000|\bimport\s*\(?\s*\uE000(\d+)\uE000/g)
  return [...statements].map((found) => strings[Number(found[1] ?? found[2])]!)
}
