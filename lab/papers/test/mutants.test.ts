/** Breaks the engine in ways that no type and few unit tests would see, and shows that rows of the papers do. */

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Core } from '@rumormill/simulator'
import { expect, it } from 'vitest'
import { papers, quickScale } from '../src/papers.ts'

const source = fileURLToPath(new URL('../../../packages/protocol/src', import.meta.url))
const built = fileURLToPath(new URL('built', import.meta.url))

/** Copies of the protocol in which words are replaced; they must be there. */
async function mutant(
  name: string,
  file: string,
  replacements: readonly [string, string][]
): Promise<Core> {
  const folder = join(built, name)
  rmSync(folder, { recursive: true, force: true })
  cpSync(source, folder, { recursive: true })
  let text = readFileSync(join(folder, file), 'utf8')
  for (const [good, bad] of replacements) {
    expect(text.split(good)).toHaveLength(2)
    text = text.replace(good, bad)
  }
  writeFileSync(join(folder, file), text)
  return (await import(/* @vite-ignore */ join(folder, 'engine.ts'))) as Core
}

/** The rows that `core` misses. Without a change nothing is missed, as papers.test.ts shows for the same seed. */
function missed(core: Core): string[] {
  return [...papers({ ...quickScale(1, () => {}), core }, ['edges'])]
    .flatMap(({ rows }) => rows.filter(({ status }) => status === 'MISS'))
    .map(({ id }) => id)
}

it('a passive side that does not age changes how fast the group heals', async () => {
  const engine = await mutant('passive-ageing', 'membership/peer-sampler.ts', [
    [
      'this.#merge(nowMs, from, view)',
      "this.#merge(message.kind === 'view-request' ? -1 : nowMs, from, view)"
    ],
    [
      '    this.#view.increaseAge()\n    this.#failures',
      '    if (nowMs >= 0) this.#view.increaseAge()\n    this.#failures'
    ]
  ])
  expect(missed(engine)).toContain('rand H=15 S=0 cycles to heal')
})

it('a swap from the tail instead of the head changes the in-degrees', async () => {
  const engine = await mutant('swap-from-tail', 'membership/view.ts', [
    [
      '(let index = 0, left = count; left > 0; index++)',
      '(let index = scratch.size - 1, left = count; left > 0; index--)'
    ]
  ])
  expect(missed(engine)).toContain('rand H=0 S=8 sd')
})
