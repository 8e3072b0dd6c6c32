/** docs/troubleshooting.md names every code, event and reason that there is, and no other. */

import { expect, it } from 'vitest'
import { DROP_REASONS } from '../../packages/protocol/src/model/drop.ts'
import { VIOLATIONS } from '../../packages/protocol/src/model/violation.ts'
import { GROUP_NAMES } from './options/page.ts'
import { read } from './pages.ts'

const page = read('docs/troubleshooting.md')

it.each([
  ['Error codes', literals('model/errors.ts', /^ {2}\| '([A-Z_]+)'/gm)],
  ['Events', [...literals('ports/observer.ts', /kind: '(\w+)'/g), 'violation']],
  ['Why something is dropped', DROP_REASONS],
  ['Violations by peers', VIOLATIONS]
])('%s', (section, there) => {
  expect(firstCells(section).sort()).toEqual([...there].sort())
  expect(there.length).toBeGreaterThan(2)
})

it('names options that there are', () => {
  const options = [
    ...page.matchAll(new RegExp(`\`((?:${GROUP_NAMES.join('|')})\\.\\w+)\``, 'g'))
  ].map(([, option]) => option!)
  const checks = read('packages/protocol/src/options/option-checks.ts')
  expect(options.length).toBeGreaterThan(8)
  expect(
    options.filter((option) => !new RegExp(`\\b${option.split('.')[1]!}: `).test(checks))
  ).toEqual([])
})

function firstCells(section: string): string[] {
  const [, text = ''] = page.split(`## ${section}\n`)
  return [...text.split('\n## ')[0]!.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, cell]) => cell!)
}

function literals(file: string, pattern: RegExp): string[] {
  return [...read(`packages/protocol/src/${file}`).matchAll(pattern)].map(([, literal]) => literal!)
}
