/** Keeps the rules of docs/architecture.md for the `src` of every workspace, and shows that each rule can fail. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  circles,
  declared,
  faces,
  folderCircles,
  layers,
  homes,
  length,
  names,
  packages,
  families,
  world,
  type Rule
} from './architecture/rules.ts'
import { sourceFile, type SourceFile } from './architecture/source-file.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const rules = {
  circles,
  declared: declared(dependenciesOf),
  faces,
  folderCircles,
  layers,
  homes,
  length,
  names,
  packages,
  families,
  world
}

describe('the repository', () => {
  const files = sourceFiles()

  it('is found', () => {
    expect(files.map(({ path }) => path)).toContain('packages/protocol/src/model/message.ts')
    expect(files.flatMap(({ imports }) => imports)).toContain('./peer.ts')
  })

  it.each(Object.entries(rules))('keeps the rule of %s', (_name, rule) => {
    expect(rule(files)).toEqual([])
  })
})

describe('the rules', () => {
  const core = (name: string): string => `packages/protocol/src/${name}`
  const engine = core('engine/a.ts')

  it.each<[string, Rule, Record<string, string>, number]>([
    [
      'an import that goes up',
      layers,
      { [core('model/peer.ts')]: "import type { E } from '../ports/codec.ts'" },
      1
    ],
    [
      'an import upward from the model',
      layers,
      { [core('model/peer.ts')]: "import '../store/a.ts'" },
      1
    ],
    [
      'a family that knows another',
      layers,
      { [core('membership/a.ts')]: "import { b } from '../broadcast/b.ts'" },
      1
    ],
    [
      'a family that holds a port',
      layers,
      { [core('membership/a.ts')]: "import '../ports/clock.ts'" },
      1
    ],
    [
      'a port that knows another',
      layers,
      { [core('ports/codec.ts')]: "import type { C } from './clock.ts'" },
      1
    ],
    [
      'a port that knows the engine',
      layers,
      { [core('ports/codec.ts')]: "export { E } from '../engine/a.ts'" },
      1
    ],
    ['an engine that knows the node', layers, { [engine]: "await import('../node/b.ts')" }, 1],
    ['a module without a layer', layers, { [core('cellar/a.ts')]: '' }, 1],
    [
      'layers in order',
      layers,
      { [core('node/a.ts')]: "import './b.ts'; import '../engine/a.ts'" },
      0
    ],
    ['a look into a face', faces, { 'packages/x/src/a.ts': "import { b } from './index.ts'" }, 1],
    ['a face without names', faces, { 'packages/x/src/index.ts': "export * from './a.ts'" }, 1],
    ['a way out of src', homes, { 'apps/x/src/a.ts': "import '../src/model/peer.ts'" }, 1],
    [
      'an import without ending',
      homes,
      { 'apps/x/src/a.ts': "import './b'", 'apps/x/src/b.ts': '' },
      1
    ],
    [
      'node in the core',
      packages,
      { [core('model/peer.ts')]: "import { join } from 'node:path'" },
      1
    ],
    [
      'a workspace package in the core',
      packages,
      { [core('model/peer.ts')]: "import '@rumormill/codec-json'" },
      1
    ],
    ['a new dependency of the core', packages, { [core('model/peer.ts')]: "import 'lodash'" }, 1],
    [
      'the hash of the core',
      packages,
      { [core('model/update.ts')]: "import { b } from '@noble/hashes/blake3.js'" },
      0
    ],
    [
      'a codec at the engine',
      packages,
      { 'packages/codec-x/src/a.ts': "import '@rumormill/protocol/engine'" },
      1
    ],
    [
      'a transport with a codec',
      packages,
      { 'packages/transport-x/src/a.ts': "import '@rumormill/codec-json'" },
      1
    ],
    [
      'a plugin name on the application face',
      packages,
      { 'packages/codec-x/src/a.ts': "import '@rumormill/protocol'" },
      0
    ],
    ['the testkit in an app', packages, { 'apps/x/src/a.ts': "import '@rumormill/testkit'" }, 1],
    [
      'the testkit in the lab',
      packages,
      { 'lab/x/src/a.ts': "import '@rumormill/testkit/node'" },
      0
    ],
    [
      'the harness of the lab in an app',
      packages,
      { 'apps/x/src/a.ts': "import '@rumormill/harness/plot'" },
      1
    ],
    [
      'the lab past a face',
      packages,
      { 'lab/x/src/a.ts': "import '@rumormill/simulator/dist/defaults.js'" },
      1
    ],
    [
      'the testkit in the simulator',
      packages,
      { 'packages/simulator/src/a.ts': "import '@rumormill/testkit'" },
      1
    ],
    [
      'the testkit at the engine',
      packages,
      { 'packages/testkit/src/a.ts': "import '@rumormill/protocol/engine'" },
      0
    ],
    [
      'the lab at the engine',
      packages,
      { 'lab/x/src/a.ts': "import '@rumormill/protocol/engine'" },
      0
    ],
    [
      'a sketch that knows the engine',
      layers,
      { [core('anti-entropy/iblt/a.ts')]: "import '../../model/message.ts'" },
      1
    ],
    [
      'an app at the engine',
      packages,
      { 'apps/x/src/a.ts': "import '@rumormill/protocol/engine'" },
      1
    ],
    [
      'an app past a face',
      packages,
      { 'apps/x/src/a.ts': "import '@rumormill/codec-json/dist/a.js'" },
      1
    ],
    [
      'an undeclared import',
      declared(() => ['a', '@b/c']),
      { 'apps/x/src/a.ts': "import '@b/d/e.js'" },
      1
    ],
    [
      'declared imports',
      declared(() => ['a', '@b/c']),
      {
        'apps/x/src/a.ts':
          "import 'a'; import 'a/b'; import '@b/c'; import '@b/c/d'; import 'node:fs'; import './b.ts'"
      },
      0
    ],
    ['a clock in the core', world, { [engine]: 'const now = Date.now()' }, 1],
    ['an rng in the core', world, { [engine]: 'const roll = Math.random() < 0.5' }, 1],
    ['a clock in a template', world, { [engine]: 'const text = `at ${performance.now()}`' }, 1],
    ['a spread of the world', world, { [engine]: 'const all = { ...process.env }' }, 1],
    [
      'a timer after a quote in a pattern',
      world,
      { [engine]: "if (/['\"]/.test(a)) setTimeout(b, 1) // '" },
      1
    ],
    [
      'words about the world',
      world,
      { [engine]: "// Date\n/* setTimeout() */ const a = 'process'" },
      0
    ],
    ['fields named like the world', world, { [engine]: 'a.process({ console: 1 })' }, 0],
    [
      'two folders that import one another',
      folderCircles,
      {
        'apps/x/src/a/a.ts': "import '../b/b.ts'",
        'apps/x/src/b/b.ts': "import '../a/c.ts'"
      },
      1
    ],
    ['hex in the core', names, { [engine]: 'const digest = digestOfKey(key)' }, 1],
    ['hex for applications', names, { [core('node/a.ts')]: 'digestOfKey(key)' }, 0],
    ['the world in its place', world, { [core('options/system.ts')]: 'setTimeout(wake, 5)' }, 0],
    ['a long file', length, { 'packages/x/src/a.ts': 'a\n'.repeat(351) }, 1],
    ['a file just short enough', length, { 'packages/x/src/a.ts': 'a\n'.repeat(350) }, 0],
    [
      'a circle',
      circles,
      {
        'apps/x/src/a.ts': "import './b.ts'",
        'apps/x/src/b.ts': "import type { A } from './a.ts'"
      },
      1
    ],
    [
      'a diamond',
      circles,
      {
        'apps/x/src/a.ts': "import './b.ts'\nimport './c.ts'",
        'apps/x/src/b.ts': "import './d.ts'",
        'apps/x/src/c.ts': "import './d.ts'",
        'apps/x/src/d.ts': ''
      },
      0
    ],
    ['a lost family', families, { [core('membership/a.ts')]: '' }, 3]
  ])('see %s', (_name, rule, texts, findings) => {
    expect(rule(Object.entries(texts).map(([path, text]) => sourceFile(path, text)))).toHaveLength(
      findings
    )
  })
})

function sourceFiles(): SourceFile[] {
  return workspaces().flatMap((folder) => {
    const src = join(root, folder, 'src')
    const entries = existsSync(src)
      ? readdirSync(src, { recursive: true, withFileTypes: true })
      : []
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return sourceFile(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'))
      })
  })
}

function dependenciesOf(workspace: string): string[] {
  const text = readFileSync(join(root, workspace, 'package.json'), 'utf8')
  const { dependencies, peerDependencies } = JSON.parse(text) as Record<string, object | undefined>
  return Object.keys({ ...dependencies, ...peerDependencies })
}

function workspaces(): string[] {
  return ['packages', 'apps', 'lab']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .concat('apps/example/page', 'examples')
}
