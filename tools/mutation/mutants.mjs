/** Draws a seeded sample of what Stryker could mutate. Only that is then instrumented, as code with all mutants in it is slow. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInstrumenter } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'
import { root } from '../tool.mjs'

const SILENT = { isDebugEnabled: () => false, debug() {}, info() {}, warn() {} }

/** Returns `count` mutants of the sources of `packages`, each with its {@link keyOf}. */
export async function drawSample(packages, seed, count) {
  const files = packages.flatMap((name) => sourcesOf(join(root, 'packages', name, 'src')))
  const instrumenter = createInjector()
    .provideValue('getLogger', () => SILENT)
    .provideValue('logger', SILENT)
    .injectFunction(createInstrumenter)
  const { mutants } = await instrumenter.instrument(files, {
    ignorers: [],
    plugins: null,
    excludedMutations: []
  })
  const contents = new Map(files.map(({ name, content }) => [name, content.split('\n')]))
  return mutants
    .filter((mutant) => !isProse(mutant, contents.get(mutant.fileName)))
    .map((mutant) => ({ ...mutant, key: keyOf(mutant), rank: rankOf(mutant, seed) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count)
}

/** Whether a mutant empties a text for people: readers judge those, and tests that repeat them would only be copies. */
function isProse({ mutatorName, location: { start, end } }, lines) {
  if (mutatorName !== 'StringLiteral') return false
  const text = lines
    .slice(start.line, end.line + 1)
    .join('\n')
    .slice(start.column)
  return start.line !== end.line || text.slice(0, end.column - start.column).includes(' ')
}

/** Returns what tells a mutant from all others. */
export function keyOf({ fileName, location: { start, end }, mutatorName, replacement }) {
  const file = fileName.slice(fileName.lastIndexOf('/packages/'))
  const place = [start.line, start.column, end.line, end.column]
  return [file, ...place, mutatorName, replacement].join('\n')
}

/** Returns the lines of a mutant as Stryker wants them: `packages/protocol/src/model/update.ts:3-5`. */
export function linesOf({ fileName, location: { start, end } }) {
  return `${relative(root, fileName)}:${start.line + 1}-${end.line + 1}`
}

/** Depends on the mutant and the seed alone, so that a change of one file moves no mutant of another. */
function rankOf(mutant, seed) {
  return createHash('sha256')
    .update(`${seed}\n${keyOf(mutant)}`)
    .digest('hex')
}

function sourcesOf(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .map((name) => ({ name, content: readFileSync(name, 'utf8'), mutate: true }))
}
