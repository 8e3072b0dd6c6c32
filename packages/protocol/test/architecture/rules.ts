/** The rules of the repository, as docs/architecture.md says them in words. Each returns one line per breach. */

import { importedPath, type SourceFile } from './source-file.ts'

export type Rule = (files: readonly SourceFile[]) => string[]

const CORE = 'packages/protocol/src/'
const FAMILIES = ['membership', 'fetch', 'anti-entropy', 'broadcast']
const MAX_LINES = 350

/** Where a file of the core lives: its folder, and the layer that folder is on. */
interface Place {
  readonly module: string
  readonly layer: number
}

const LAYERS: Readonly<Record<string, number>> = {
  model: 1,
  'anti-entropy/iblt': 1,
  store: 2,
  ports: 3,
  membership: 3,
  fetch: 3,
  'anti-entropy': 3,
  broadcast: 3,
  engine: 4,
  options: 5,
  persistence: 6,
  node: 7,
  // The faces: for applications, for plugins, and for simulators.
  'index.ts': 8,
  'plugin.ts': 8,
  'engine.ts': 8
}

function placeOf(path: string): Place | undefined {
  const [first, second] = path.slice(CORE.length).split('/')
  for (const module of [`${first}/${second}`, first!]) {
    const layer = LAYERS[module]
    if (layer !== undefined) return { module, layer }
  }
  return undefined
}

/** Imports of the core go down only; modules of one layer are strangers, and so are the ports to one another. */
export const layers: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith(CORE))
    .flatMap((file) => {
      const from = placeOf(file.path)
      if (from === undefined)
        return [`${file.path} has no layer: give it one in the architecture test`]
      return relativeImports(file).flatMap((path) => {
        const to = placeOf(path)
        const ok =
          to !== undefined &&
          (to.layer < from.layer || (to.module === from.module && from.module !== 'ports'))
        return ok
          ? []
          : [`${file.path} (layer ${from.layer}) imports ${path} (layer ${to?.layer ?? '?'})`]
      })
    })

/** An entry point: no file of its package imports it, and it names each export. */
export const faces: Rule = (files) =>
  files.flatMap((file) => {
    const nameless = isFace(file.path) && /\bexport\s*\*/.test(file.code)
    return [
      ...relativeImports(file)
        .filter(isFace)
        .map((path) => `${file.path} imports the face ${path}`),
      ...(nameless ? [`${file.path} exports without names`] : [])
    ]
  })

function isFace(path: string): boolean {
  return path.endsWith('/index.ts') || [`${CORE}plugin.ts`, `${CORE}engine.ts`].includes(path)
}

/** Relative imports name an existing file of the same `src`. */
export const homes: Rule = (files) => {
  const paths = new Set(files.map(({ path }) => path))
  return files.flatMap((file) =>
    relativeImports(file)
      .filter((path) => !paths.has(path) || !path.startsWith(`${file.workspace}/src/`))
      .map((path) => `${file.path} imports ${path}, which is not a file of its src`)
  )
}

/** Which workspaces may import which packages. */
export const packages: Rule = (files) =>
  files.flatMap((file) =>
    file.imports
      .filter((specifier) => !specifier.startsWith('.') && !mayImport(file.workspace, specifier))
      .map((specifier) => `${file.path} imports ${specifier}`)
  )

/** What plugins are made of. They may import the types of applications, too. */
const PLUGIN_FACE = /^@rumormill\/protocol(\/plugin)?$/

function mayImport(workspace: string, specifier: string): boolean {
  if (workspace === 'packages/protocol')
    return /^(@noble\/hashes|hash-wasm|uint8arrays)(\/|$)/.test(specifier)
  if (!specifier.startsWith('@rumormill/')) return true
  // The lab is a test that is not run every day.
  const isLab = workspace.startsWith('lab/')
  if (/^@rumormill\/harness\/[a-z-]+$/.test(specifier)) return isLab
  if (/^@rumormill\/(testkit(\/node)?|simulator)$/.test(specifier)) return isLab
  if (/^packages\/(storage-|codec-|stream-transport$|metrics$)/.test(workspace))
    return PLUGIN_FACE.test(specifier)
  if (workspace.startsWith('packages/transport-'))
    return PLUGIN_FACE.test(specifier) || specifier === '@rumormill/stream-transport'
  const mayUseEngine = isLab || ['packages/testkit', 'packages/simulator'].includes(workspace)
  if (mayUseEngine && specifier === '@rumormill/protocol/engine') return true
  // What only Node has stands behind an entry of its own, so that pages do not take it along.
  return /^@rumormill\/([a-z0-9-]+(\/node)?|protocol\/plugin|metrics\/(prometheus|opentelemetry))$/.test(
    specifier
  )
}

/** What a package imports stands in its package.json, for users: npm does not install what only a workspace has. */
export function declared(dependenciesOf: (workspace: string) => readonly string[]): Rule {
  return (files) =>
    files.flatMap((file) =>
      file.imports
        .filter((specifier) => !/^(\.|node:)/.test(specifier))
        .filter((specifier) => !dependenciesOf(file.workspace).includes(packageOf(specifier)))
        .map(
          (specifier) =>
            `${file.path} imports ${specifier}, which its package.json does not declare`
        )
    )
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The core has no clock, rng, timer or console of its own: only `options/system.ts` touches the world. */
export const world: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith(CORE) && path !== `${CORE}options/system.ts`)
    .flatMap((file) => [...file.code.matchAll(WORLD)].map(([name]) => `${file.path} uses ${name}`))

// Not `a.performance`, which belongs to `a`, nor `performance:`, which is the name of a field.
const GLOBALS = [
  'Buffer',
  'Date',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout'
]
const WORLD = new RegExp(
  String.raw`(?<![\w$#]|(?<!\.\.)\.)(?:Math\.random|(?:${GLOBALS.join('|')})\b(?!\s*\??:))`,
  'g'
)

/** Inside the core an update has one name, its key. Hex is made where applications and storage see it. */
export const names: Rule = (files) =>
  files
    .filter(({ path }) => path.startsWith(CORE) && !SEES_HEX.test(path.slice(CORE.length)))
    .flatMap((file) => [...file.code.matchAll(HEX)].map(([name]) => `${file.path} uses ${name}`))

const SEES_HEX = /^(node|persistence|ports)\/|^model\/update\.ts$|(index|plugin|engine)\.ts$/
const HEX = /\b(?:digestOf|digestOfKey|keyOfDigest|digestToHex|digestFromHex)\b/g

/** No file is longer than a person reads at once. */
export const length: Rule = (files) =>
  files
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`)

/** No circle of imports, types included. */
export const circles: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
    const file = byPath.get(path)
    if (file === undefined || done.has(path) || trail.includes(path)) return
    for (const next of relativeImports(file)) visit(next, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}

/** No circle of folders either, where none holds the other: a folder is what a reader takes for one thing. */
export const folderCircles: Rule = (files) => {
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
  const folders = new Map<string, Set<string>>()
  for (const file of files) {
    const from = folderOf(file.path)
    const to = folders.get(from) ?? new Set()
    for (const path of relativeImports(file)) if (folderOf(path) !== from) to.add(folderOf(path))
    folders.set(from, to)
  }
  return [...folders].flatMap(([from, to]) =>
    [...to]
      .filter((other) => from < other && folders.get(other)?.has(from) === true)
      .filter((other) => !other.startsWith(`${from}/`))
      .map((other) => `${from} and ${other} import one another`)
  )
}

/** The families are there to be strangers; named so that a renamed folder does not slip through. */
export const families: Rule = (files) =>
  FAMILIES.filter((family) => !files.some(({ path }) => path.startsWith(`${CORE}${family}/`))).map(
    (family) => `${CORE}${family} is gone: name its successor in the architecture test`
  )

function relativeImports(file: SourceFile): string[] {
  return file.imports.flatMap((specifier) => importedPath(file, specifier) ?? [])
}
