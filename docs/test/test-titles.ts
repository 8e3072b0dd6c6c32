/** The tests that a file has, by their full titles, read from its source without running it. */

import ts from 'typescript'
import { read } from './pages.ts'

/** The text of each test, under `block > title`. Of `each` over a list that stands in the file, one for each entry. */
export function testsOf(file: string): ReadonlyMap<string, string> {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true)
  const tests = new Map<string, string>()
  const visit = (node: ts.Node, blocks: readonly string[]): void => {
    const call = callOf(node)
    if (call?.kind === 'block') {
      for (const title of call.titles)
        ts.forEachChild(node, (child) => visit(child, [...blocks, title]))
      return
    }
    if (call?.kind === 'test')
      for (const title of call.titles) tests.set([...blocks, title].join(' > '), node.getText())
    const promise = promiseOf(node)
    if (promise !== undefined) tests.set(promise.name, textsBehind(promise.run, source))
    ts.forEachChild(node, (child) => visit(child, blocks))
  }
  visit(source, [])
  return tests
}

interface Call {
  readonly kind: 'block' | 'test'
  readonly titles: readonly string[]
}

/** `describe('...')`, `it('...')`, `test.each([...])('...')` and the like. */
function callOf(node: ts.Node): Call | undefined {
  if (!ts.isCallExpression(node)) return undefined
  const [first] = node.arguments
  if (first === undefined || !ts.isStringLiteralLike(first)) return undefined
  const [root = ''] = node.expression.getText().split(/[.(<]/)
  if (!['describe', 'it', 'test'].includes(root)) return undefined
  const kind = root === 'describe' ? 'block' : 'test'
  const entries = ts.isCallExpression(node.expression)
    ? entriesOf(node.expression.arguments[0])
    : undefined
  const titles = entries?.map((entry) => first.text.replace('%s', entry)) ?? [first.text]
  return { kind, titles }
}

/** What `%s` stands for: the first text of each entry. */
function entriesOf(list: ts.Node | undefined): string[] | undefined {
  if (list === undefined) return undefined
  if (ts.isIdentifier(list)) return entriesOf(declarationOf(list.text, list.getSourceFile()))
  if (ts.isAsExpression(list)) return entriesOf(list.expression)
  if (!ts.isArrayLiteralExpression(list)) return undefined
  return list.elements.map((entry) => {
    const first = ts.isArrayLiteralExpression(entry) ? entry.elements[0] : entry
    return first !== undefined && ts.isStringLiteralLike(first) ? first.text : ''
  })
}

/** The cases of a conformance suite: `{ name: '...', run: () => ... }`. */
function promiseOf(node: ts.Node): { name: string; run: ts.Node } | undefined {
  if (!ts.isObjectLiteralExpression(node)) return undefined
  const valueOf = (name: string): ts.Expression | undefined =>
    node.properties
      .filter((property) => ts.isPropertyAssignment(property))
      .find((property) => property.name.getText() === name)?.initializer
  const [name, run] = [valueOf('name'), valueOf('run')]
  if (name === undefined || run === undefined || !ts.isStringLiteralLike(name)) return undefined
  return { name: name.text, run }
}

/** A case is a call of a function in the file: its text, and that of what it calls there. */
function textsBehind(node: ts.Node, source: ts.SourceFile): string {
  const texts: string[] = []
  const seen = new Set<ts.Node>()
  const follow = (part: ts.Node): void => {
    if (ts.isCallExpression(part)) {
      const called = declarationOf(part.expression.getText(), source)
      if (called !== undefined && !seen.has(called)) {
        seen.add(called)
        texts.push(called.getText())
        follow(called)
      }
    }
    ts.forEachChild(part, follow)
  }
  follow(node)
  return texts.join('\n')
}

/** A function of the file, or what a constant of it is. */
function declarationOf(name: string, source: ts.SourceFile): ts.Node | undefined {
  let found: ts.Node | undefined
  const look = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name?.text === name) found ??= node
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found ??= node.initializer
    ts.forEachChild(node, look)
  }
  look(source)
  return found
}
